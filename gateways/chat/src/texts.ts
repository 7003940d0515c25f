/** What is written to contacts, in their language. */

import type { BusinessNumber, Language, NoticeKind, Texts } from "./configuration.js";

/** The text for a contact, with its places filled in; undefined where the settings have none. */
export function textFor(texts: Texts, kind: NoticeKind, language: Language, places: Places = {}): string | undefined {
  return texts[language][kind]?.replace(/\{(agent|opens_at)\}/g, (_, place: keyof Places) => places[place] ?? "");
}

/** What texts may have places for. */
export interface Places {
  readonly agent?: string;
  readonly opens_at?: string;
}

/** The language to write in: that of the interaction, `es-CO` as `es`, or else the number's. */
export function languageOf(tag: string, { language }: BusinessNumber): Language {
  const primary = tag.toLowerCase().split("-")[0];
  return primary === "es" || primary === "en" ? primary : language;
}

/** A time as people say it where the number is. */
export function spokenTime(time: Date, language: Language, { time_zone: timeZone }: BusinessNumber): string {
  return new Intl.DateTimeFormat(language, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "numeric",
    minute: "2-digit",
  }).format(time);
}
