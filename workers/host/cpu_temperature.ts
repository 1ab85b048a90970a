import { NS_PER_SECOND } from '../../src/shared/units.ts';
import { listNames, readInteger, readText } from '../files/slow_file.ts';

const PACE_NS = NS_PER_SECOND;
/** How long it takes to notice a sensor that came with a driver loaded later. */
const SEARCH_PACE_NS = 60 * NS_PER_SECOND;
const MILLIDEGREES = 1_000;
/** Outside this range a reading is a fault of the sensor, not a temperature of silicon. */
const COLDEST_CELSIUS = -50;
const HOTTEST_CELSIUS = 150;

/** Drivers of sensors inside the CPU, best first. */
const CHIPS = ['coretemp', 'k10temp', 'zenpower', 'cpu_thermal'];
/** Labels that stand for the whole processor, best first: Tctl is Tdie with an offset for the fan. */
const WHOLE_CPU_LABELS = [/^Package id/, /^Tdie$/, /^Tctl$/];
/** Thermal zones that tell about the CPU, best first; others (wireless, chipset, battery) do not. */
const CPU_ZONES = [/^x86_pkg_temp$/, /^cpu/i, /^soc/i, /^tcpu$/i, /^acpitz$/, /^lnxtherm$/i];

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

  /** The files to read each time: those of the best sensor that has a plausible value now. */
  #findInputs(): string[] {
    const directories = this.#hwmonDirectories();
    for (const chip of CHIPS) {
      const inputs = directories
        .filter((directory) => chipName(directory) === chip)
        .flatMap((directory) => wholeCpuInputs(directory));
      if (hottestOf(inputs) !== null) return inputs;
    }
    const zones = listNames(this.#zones)
      .filter((name) => name.startsWith('thermal_zone'))
      .map((name) => `${this.#zones}/${name}`);
    for (const type of CPU_ZONES) {
      const inputs = zones
        .filter((zone) => type.test(readText(`${zone}/type`) ?? ''))
        .map((zone) => `${zone}/temp`);
      if (hottestOf(inputs) !== null) return inputs;
    }
    return [];
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

function chipName(directory: string): string | undefined {
  return readText(`${directory}/name`);
}

/** The inputs of a chip that stand for the whole CPU; all of them when none is labelled so. */
function wholeCpuInputs(directory: string): string[] {
  const names = listNames(directory).filter((name) => /^temp\d+_input$/.test(name));
  for (const wanted of WHOLE_CPU_LABELS) {
    const labelled = names.filter((name) => {
      const label = readText(`${directory}/${name.replace('_input', '_label')}`);
      return label !== undefined && wanted.test(label);
    });
    if (labelled.length > 0) return labelled.map((name) => `${directory}/${name}`);
  }
  return names.map((name) => `${directory}/${name}`);
}

function hottestOf(inputs: readonly string[]): number | null {
  let hottest: number | null = null;
  for (const input of inputs) {
    const millidegrees = readInteger(input);
    if (millidegrees === undefined) continue;
    const celsius = millidegrees / MILLIDEGREES;
    if (celsius < COLDEST_CELSIUS || celsius > HOTTEST_CELSIUS) continue;
    if (hottest === null || celsius > hottest) hottest = celsius;
  }
  return hottest;
}
