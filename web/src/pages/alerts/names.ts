import type { Alert } from '../../api/types';

export function titleOf(alert: Pick<Alert, 'title' | 'titleVi'>, language: string): string {
  return language === 'vi' ? alert.titleVi || alert.title : alert.title;
}

/** How one alert is named where it is about to be changed. */
export const aboutOf = (alert: Alert, language: string) =>
  [titleOf(alert, language), alert.entityValue, alert.unitName || alert.unit].filter(Boolean).join(' – ');
