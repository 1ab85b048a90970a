import { NS_PER_SECOND } from '../../src/base/units.ts';
import { listNames, readInteger, readText } from '../files/slow_file.ts';

const PACE_NS = NS_PER_SECOND;
/** How long it takes to notice a sensor that came with a driver loaded later. */
const SEARCH_PACE_NS = 60 * NS_PER_SECOND;
const MILLIDEGREES = 1_000;
/** Outside this range a reading is a fault of the sensor, not a temperature of silicon. */
const COLDEST_CELSIUS = -40;
const HOTTEST_CELSIUS = 125;
/** Around zero a reading is that of a sensor that is off, or of one that tells degrees for thousandths. */
const NOTHING_CELSIUS = 1;
/** Silicon that runs is warmer than this; what is colder is believed only where nothing else is to be had. */
const LEAST_SANE_CELSIUS = 5;

/** Drivers of sensors inside the CPU that are known, best first; of others the names and labels speak. */
const CHIPS = [/^coretemp$/, /^k10temp$/, /^zenpower$/, /^cpu_thermal$/];
/** Labels that stand for the whole processor, best first: Tctl is Tdie with an offset for the fan. */
const WHOLE_CPU_LABELS = [/\bpackage\b|\bphysical id\b/i, /^Tdie$/, /^Tctl$/];
/** Thermal zones whose driver is known to tell of the package. */
const PACKAGE_ZONES = [/^x86_pkg_temp$/];
/** Words that speak of the processor, best first; they may stand behind others and bear a number: `bigcore1`. */
const CPU_WORDS = [/cpu(ss)?/, /core/, /cluster/, /soc/];
/** Firmware's own zones, which tell of the board as often as of the CPU. */
const BOARD_ZONES = [/^acpitz$/i, /^lnxtherm$/i];
/** What is known to be something else, whatever else its name says. */
const OTHERS =
  /gpu|npu|tpu|vpu|ddr|dram|mem|batt|charg|usb|wifi|wlan|iwl|phy|modem|mdm|radio|lte|pmic|pm\d|vreg|nvme|ssd|disk|drive|pch|chipset|camera|display|lcd|panel|skin|case|xo|quiet|ambient|video|vdec|venc|audio|eth|nic|switch|fan|psu|power|inlet|outlet|isp|dsp|rf|pa\d/i;

/**
 * The temperature of the processor in °C, of the hottest package where there are several: from hwmon, else from
 * a thermal zone, else null. Sensors are found anew when they fall silent, because their numbers change.
 */
export class CpuTemperature {
  readonly #hwmon: string;
  readonly #platform: string;
  readonly #zones: string;
  #inputs: string[] = [];
  #celsius: number | null = null;
  #dueNs = 0;
  #searchDueNs = 0;

  constructor(rootfs: string) {
    this.#hwmon = `${rootfs}/sys/class/hwmon`;
    this.#platform = `${rootfs}/sys/devices/platform`;
    this.#zones = `${rootfs}/sys/class/thermal`;
  }

  /** The latest value, refreshed when it is old. */
  read(nowNs: number): number | null {
    if (nowNs < this.#dueNs) return this.#celsius;
    this.#dueNs = nowNs + PACE_NS;
    let hottest = hottestOf(this.#inputs);
    if (hottest === null && (this.#inputs.length > 0 || nowNs >= this.#searchDueNs)) {
      this.#searchDueNs = nowNs + SEARCH_PACE_NS;
      this.#inputs = this.#findInputs();
      hottest = hottestOf(this.#inputs);
    }
    this.#celsius = hottest;
    return hottest;
  }

  /**
   * The files to read each time: those of the best sensor that has a sane value now, or at least a possible one. A
   * value far from what silicon has is not believed beside one that is sane.
   */
  #findInputs(): string[] {
    const candidates = [...this.#chips(), ...this.#cpuZones()];
    return (
      candidates.find((inputs) => (hottestOf(inputs) ?? Number.NaN) >= LEAST_SANE_CELSIUS) ??
      candidates.find((inputs) => hottestOf(inputs) !== null) ??
      []
    );
  }

  /** Sensors inside the CPU, best first. */
  *#chips(): Iterable<string[]> {
    const chips = this.#hwmonDirectories().map((directory) => ({
      directory,
      name: readText(`${directory}/name`) ?? '',
    }));
    for (const known of CHIPS) {
      const of = chips.filter(({ name }) => known.test(name));
      if (of.length > 0) yield of.flatMap(({ directory }) => wholeCpuInputs(directory));
    }
    const unknown = chips.filter(({ name }) => name !== '' && !OTHERS.test(name));
    yield unknown.flatMap(({ directory }) => labelledInputs(directory));
    for (const word of CPU_WORDS) {
      yield unknown
        .filter(({ name }) => holdsWord(name, word))
        .flatMap(({ directory }) => wholeCpuInputs(directory));
    }
  }

  /** Zones that tell of the CPU, best first, and last whatever may. */
  *#cpuZones(): Iterable<string[]> {
    const zones = listNames(this.#zones)
      .filter((name) => name.startsWith('thermal_zone'))
      .map((name) => ({
        input: `${this.#zones}/${name}/temp`,
        type: readText(`${this.#zones}/${name}/type`) ?? '',
      }));
    const inputsOf = (isWanted: (type: string) => boolean): string[] =>
      zones.filter(({ type }) => isWanted(type)).map(({ input }) => input);
    for (const known of PACKAGE_ZONES) yield inputsOf((type) => known.test(type));
    for (const word of CPU_WORDS) yield inputsOf((type) => !OTHERS.test(type) && holdsWord(type, word));
    for (const known of BOARD_ZONES) yield inputsOf((type) => known.test(type));
    yield inputsOf((type) => !OTHERS.test(type));
  }

  /** Some drivers put their files one level down, and old ones of Intel's are found below platform only. */
  #hwmonDirectories(): string[] {
    const classes = listNames(this.#hwmon).map((name) => `${this.#hwmon}/${name}`);
    const platform = listNames(this.#platform)
      .filter((name) => name.startsWith('coretemp.'))
      .map((name) => `${this.#platform}/${name}/hwmon`)
      .flatMap((directory) => listNames(directory).map((name) => `${directory}/${name}`));
    return [...classes, ...classes.map((directory) => `${directory}/device`), ...platform];
  }
}

/** Whether one of the words of a name is this one, or ends with it, with or without a number behind it. */
function holdsWord(name: string, word: RegExp): boolean {
  const atItsEnd = new RegExp(`^[a-z]*(${word.source})\\d*$`);
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .some((part) => atItsEnd.test(part));
}

/** The inputs of a chip that stand for the whole CPU; all of them when none is labelled so. */
function wholeCpuInputs(directory: string): string[] {
  const labelled = labelledInputs(directory);
  return labelled.length > 0 ? labelled : inputsIn(directory);
}

/** The inputs whose labels say they stand for the whole CPU. */
function labelledInputs(directory: string): string[] {
  const inputs = inputsIn(directory).map((input) => ({
    input,
    label: readText(input.replace(/_input$/, '_label')) ?? '',
  }));
  for (const wanted of WHOLE_CPU_LABELS) {
    const found = inputs.filter(({ label }) => wanted.test(label));
    if (found.length > 0) return found.map(({ input }) => input);
  }
  return [];
}

function inputsIn(directory: string): string[] {
  return listNames(directory)
    .filter((name) => /^temp\d+_input$/.test(name))
    .map((name) => `${directory}/${name}`);
}

function hottestOf(inputs: readonly string[]): number | null {
  let hottest: number | null = null;
  for (const input of inputs) {
    const millidegrees = readInteger(input);
    if (millidegrees === undefined) continue;
    const celsius = millidegrees / MILLIDEGREES;
    if (celsius < COLDEST_CELSIUS || celsius > HOTTEST_CELSIUS) continue;
    if (Math.abs(celsius) < NOTHING_CELSIUS) continue;
    if (hottest === null || celsius > hottest) hottest = celsius;
  }
  return hottest;
}
