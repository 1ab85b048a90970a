/** Powers of ten that are exact, and beyond which no field has decimals. */
const MOST_DECIMALS = 15;
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, decimals) => 10 ** decimals);
/** From here on a number has no room for decimals. */
const LARGEST = 2 ** 52;

/**
 * A number with so many decimals, as the double next to the decimal number: digits that mean nothing take room in
 * every engine. Undefined decimals leave it as it is.
 */
export function rounded(value: number, decimals: number | undefined): number {
  const power = decimals === undefined ? undefined : POWERS[decimals];
  if (power === undefined) return value;
  const scaled = value * power;
  return Math.abs(scaled) < LARGEST ? Math.round(scaled) / power : value;
}
