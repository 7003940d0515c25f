/** The gateway as a process, against a real service. The order matters: outages come last. */

import { after } from "node:test";

import { world } from "./against-service/world.js";
import "./against-service/messages.js";
import "./against-service/replies.js";
import "./against-service/notices.js";
import "./against-service/outages.js";

after(async () => world.end());
