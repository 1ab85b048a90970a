import type { Option } from 'commander';
import { errorMessage } from '../../base/errors.ts';
import { closest } from '../../base/nearest.ts';
import { defaultText, isSwitch, keyOf, Setting, settingsByKey, shapeOf } from '../options/setting.ts';
import type { Problem } from './config_error.ts';
import type { TomlTable, TomlValue } from './toml.ts';

/** The value of a flag as a file gives it. */
export interface GivenSetting {
  readonly option: Option;
  /** As commander would have it of the flag. */
  readonly value: unknown;
  readonly line: number;
}

export interface GivenSettings {
  readonly settings: readonly GivenSetting[];
  readonly problems: readonly Problem[];
}

/** Makes of what stands in a file what the flags are to be: every value goes through the parser of its flag. */
export function givenSettings(table: TomlTable, options: readonly Option[]): GivenSettings {
  const known = settingsByKey(options);
  const settings: GivenSetting[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of table) {
    const option = known.get(key);
    if (option === undefined) {
      problems.push({ line: value.line, message: unknownKey(key, value, options) });
      continue;
    }
    const reading = new SettingReading(option, problems);
    const before = problems.length;
    const read = reading.read(value);
    if (problems.length === before) settings.push({ option, value: read, line: value.line });
  }
  problems.push(...conflicts(settings));
  return { settings, problems };
}

/** Reads the value of one flag, and notes what is wrong with it. */
class SettingReading {
  readonly #option: Option;
  readonly #key: string;
  readonly #problems: Problem[];

  constructor(option: Option, problems: Problem[]) {
    this.#option = option;
    this.#key = keyOf(option);
    this.#problems = problems;
  }

  read(value: TomlValue): unknown {
    if (isSwitch(this.#option)) {
      if (value.kind === 'boolean') return value.boolean;
      return this.#refuse(value, `${this.#key} is true or false, without quotes`);
    }
    switch (shapeOf(this.#option)) {
      case 'single':
        return this.#parsed(this.#text(value), value);
      case 'separated':
        return this.#separated(value);
      case 'list':
        return this.#list(value);
      case 'table':
        return this.#table(value);
    }
  }

  /** The words between commas, or as many texts: whatever is wrong, it is known of which. */
  #separated(value: TomlValue): unknown {
    if (value.kind !== 'list') return this.#parsed(this.#text(value), value);
    const before = this.#problems.length;
    const texts = value.items.map((item) => {
      const text = this.#text(item);
      this.#parsed(text, item);
      return text;
    });
    return this.#problems.length > before ? undefined : this.#parsed(texts.join(','), value);
  }

  #list(value: TomlValue): unknown {
    const items = value.kind === 'list' ? value.items : [value];
    return items.reduce<unknown>(
      (before, item) => this.#parsed(this.#text(item), item, before) ?? before,
      this.#option.defaultValue,
    );
  }

  #table(value: TomlValue): unknown {
    if (value.kind !== 'table')
      return this.#refuse(value, `${this.#key} is a table: ${this.#key}.name = "value"`);
    let all: unknown = this.#option.defaultValue;
    for (const [name, entry] of value.entries) {
      const text = this.#text(entry, `${this.#key}.${name}`);
      if (text !== undefined) all = this.#parsed(`${name}=${text}`, entry, all) ?? all;
    }
    return all;
  }

  #text(value: TomlValue, key = this.#key): string | undefined {
    const isNumber = this.#option instanceof Setting && this.#option.isNumber;
    if (isNumber) {
      if (value.kind === 'number') return String(value.number);
      return this.#refuse(value, `${key} is a number, without quotes`);
    }
    if (value.kind !== 'text') return this.#refuse(value, `${key} is text in quotes${this.#suchAs()}`);
    if (value.text.includes('\0')) return this.#refuse(value, `${key} holds a NUL, which no value may`);
    return value.text;
  }

  #suchAs(): string {
    const shown = this.#option instanceof Setting ? this.#option.exampleText : undefined;
    const text = shown ?? defaultText(this.#option);
    return text === undefined || text === '' || text.includes(' ') ? '' : `, such as "${text}"`;
  }

  #parsed(text: string | undefined, at: TomlValue, before?: unknown): unknown {
    if (text === undefined) return undefined;
    const { parseArg } = this.#option;
    try {
      return parseArg === undefined ? text : parseArg(text, before);
    } catch (error) {
      return this.#refuse(at, `${this.#key}: ${errorMessage(error)}`);
    }
  }

  #refuse({ line }: TomlValue, message: string): undefined {
    this.#problems.push({ line, message });
  }
}

function unknownKey(key: string, value: TomlValue, options: readonly Option[]): string {
  const known = settingsByKey(options);
  const shown = JSON.stringify(key);
  if (options.some((option) => keyOf(option) === key)) return `${shown} is for the command line only`;
  const switchedOff = known.get(key.replace(/^no-/, ''));
  if (switchedOff?.negate && key.startsWith('no-'))
    return `there is no setting ${shown}: write ${keyOf(switchedOff)} = false`;
  if (value.kind === 'table' && [...value.entries.keys()].some((name) => known.has(name)))
    return `there is no section ${shown}: settings stand at the top of the file, in none`;
  return `there is no setting ${shown}; the nearest is ${JSON.stringify(nearest(key, known))}`;
}

/** What was probably meant: the flag may have been written as such, as its variable, or with its one letter. */
function nearest(key: string, known: ReadonlyMap<string, Option>): string | undefined {
  for (const [name, { short }] of known) if (short === `-${key.replace(/^-/, '')}`) return name;
  const plain = key
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(-+|hzstat-)/, '');
  return closest(plain, [...known.keys()]);
}

function conflicts(settings: readonly GivenSetting[]): Problem[] {
  return settings.flatMap(({ option, line }) =>
    settings
      .filter((other) => excludes(option, other.option))
      .map((other) => ({
        line: Math.max(line, other.line),
        message: `${keyOf(option)} and ${keyOf(other.option)} exclude each other`,
      })),
  );
}

/** Whether a flag says of another that both make no sense together. */
export function excludes(option: Option, other: Option): boolean {
  return option instanceof Setting && option.excluded.includes(other.attributeName());
}
