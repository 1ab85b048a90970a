/** The sections of a file as the AWS tools write them; settings below another (indented) are named `outer.inner`. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Reads what is understood of such a file and leaves out the rest. */
export function readIni(text: string): Ini {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let outer = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [, title] = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line) ?? [];
    if (title !== undefined) {
      section = sections.get(title) ?? new Map();
      sections.set(title, section);
      continue;
    }
    const [, indent = '', key = '', value = ''] = /^(\s*)([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === '' || section === undefined) continue;
    if (indent === '') outer = key;
    section.set(indent === '' ? key : `${outer}.${key}`, value);
  }
  return sections;
}
