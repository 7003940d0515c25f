/** One service, and one gateway before it, for all tests: to start them takes longer than the tests. */

import { World } from "../harness/world.js";

export const world = await World.start();
