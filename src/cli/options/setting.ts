import { Option } from 'commander';

/** How a setting stands in a file: as one value, as words between commas or a list of them, as a list, as a table. */
export type SettingShape = 'single' | 'separated' | 'list' | 'table';

/**
 * A flag with all that flags, environment, configuration file, help, man page and completions have to know of it.
 * An Option of commander is a setting that is given once, as text or, without an argument, as true or false.
 */
export class Setting extends Option {
  shape: SettingShape = 'single';
  /** Whether a file gives it as a number, without quotes. */
  isNumber = false;
  /** What may stand there where not everything may, or what is likely to. */
  words: readonly string[] = [];
  /** A value worth showing where the default is none. */
  exampleText: string | undefined;
  isInFile = true;
  isSecret = false;
  /** Attributes of flags that make no sense together with this one. */
  excluded: readonly string[] = [];

  override conflicts(names: string | string[]): this {
    this.excluded = [...this.excluded, ...[names].flat()];
    return super.conflicts(names);
  }

  /** Marks a flag that may be given several times; its parser gets what came before. */
  repeatable(): this {
    this.shape = 'list';
    this.description += '; may be repeated';
    return this;
  }

  /** Marks a flag that may be given several times, each time as `name=value`, and is a table in a file. */
  named(): this {
    this.repeatable();
    this.shape = 'table';
    return this;
  }

  /** Marks a flag whose argument is a list with commas; `words` are those it is made of, if they are known. */
  separated(words: readonly string[] = []): this {
    this.shape = 'separated';
    this.words = words;
    return this;
  }

  /** Marks a flag whose argument is a plain number, without a unit. */
  number(): this {
    this.isNumber = true;
    return this;
  }

  /** Shows a value that makes sense, as it is written after the flag. */
  example(text: string): this {
    this.exampleText = text;
    return this;
  }

  /** Marks a flag whose value is for nobody else's eyes. */
  secret(): this {
    this.isSecret = true;
    return this;
  }

  /** Marks a flag that makes no sense in a file. */
  notInFile(): this {
    this.isInFile = false;
    return this;
  }
}

/** Whether a flag has no argument: it switches something on, or with `no-` off. */
export function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional;
}

/** How the value of a flag is given in a file. */
export function shapeOf(option: Option): SettingShape {
  return option instanceof Setting ? option.shape : 'single';
}

/** The key of a flag in a file: its name without dashes in front, and without the `no-` of what switches off. */
export function keyOf(option: Option): string {
  return option.name().replace(option.negate ? /^no-/ : /^/, '');
}

/** The flags that have a key in a file, by that key. */
export function settingsByKey(options: readonly Option[]): Map<string, Option> {
  const inFile = options.filter((option) => !(option instanceof Setting) || option.isInFile);
  return new Map(inFile.map((option) => [keyOf(option), option]));
}

/** The default of a flag in words, or undefined where there is none. */
export function defaultText({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined || typeof defaultValue === 'boolean' ? undefined : String(defaultValue);
}
