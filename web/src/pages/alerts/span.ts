import type { TFunction } from 'i18next';

/** A length of time in one unit, as people say it. */
export function span(seconds: number, t: TFunction<['translation', 'triage']>): string {
  if (seconds < 3_600) return t('triage:span.minutes', { n: Math.max(1, Math.round(seconds / 60)) });
  if (seconds < 172_800) return t('triage:span.hours', { n: Math.round(seconds / 3_600) });
  return t('triage:span.days', { n: Math.round(seconds / 86_400) });
}
