import assert from "node:assert/strict";
import { test } from "node:test";

import { languageOf, spokenTime, textFor } from "../src/texts.js";

const NUMBER = {
  phone_number_id: "1",
  address: "+34600000200",
  campaign_id: "ventas",
  language: "es",
  time_zone: "Europe/Madrid",
} as const;

const TEXTS = {
  es: { assigned: "Le atiende {agent}. ¡Hola, {agent}!" },
  en: {},
};

test("a text's places are filled in", () => {
  assert.equal(textFor(TEXTS, "assigned", "es", { agent: "Ana" }), "Le atiende Ana. ¡Hola, Ana!");
});

test("a name with a dollar sign stays as it is", () => {
  assert.equal(textFor(TEXTS, "assigned", "es", { agent: "$&" }), "Le atiende $&. ¡Hola, $&!");
});

test("what has no text isn't written", () => {
  assert.equal(textFor(TEXTS, "assigned", "en", { agent: "Ana" }), undefined);
});

test("the interaction's language comes before the number's", () => {
  assert.equal(languageOf("en-GB", NUMBER), "en");
  assert.equal(languageOf("es-CO", NUMBER), "es");
  assert.equal(languageOf("fr", NUMBER), "es");
  assert.equal(languageOf("", NUMBER), "es");
});

test("times are told by the clock of the number's time zone", () => {
  const opening = new Date("2026-11-23T08:00:00Z");
  assert.equal(spokenTime(opening, "es", NUMBER), "lunes, 23 de noviembre, 9:00");
  assert.equal(spokenTime(opening, "en", { ...NUMBER, time_zone: "America/Bogota" }), "Monday, November 23 at 3:00 AM");
});
