/** The business's numbers. */

import type { BusinessNumber } from "./configuration.js";

export class Numbers {
  readonly #byId: ReadonlyMap<string, BusinessNumber>;
  readonly #byAddress: ReadonlyMap<string, BusinessNumber>;

  constructor(numbers: readonly BusinessNumber[]) {
    this.#byId = new Map(numbers.map((number) => [number.phone_number_id, number]));
    this.#byAddress = new Map(numbers.map((number) => [number.address, number]));
  }

  withId(phoneNumberId: string): BusinessNumber | undefined {
    return this.#byId.get(phoneNumberId);
  }

  at(address: string): BusinessNumber | undefined {
    return this.#byAddress.get(address);
  }
}
