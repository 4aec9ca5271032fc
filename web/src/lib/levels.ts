// Levels and states in the order people rank them.
import type { AlertStatus, Level } from '../api/types';

export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];
export const statuses: readonly AlertStatus[] = ['new', 'in_progress', 'closed'];
/** The reasons every centre begins with; the console has words for them while the list is on its way. */
const knownReasons = ['true_positive', 'false_positive', 'benign', 'duplicate', 'other', 'settled'] as const;

export function isReason(value: unknown): value is (typeof knownReasons)[number] {
  return knownReasons.some((reason) => reason === value);
}

export function isLevel(value: unknown): value is Level {
  return levels.includes(value as Level);
}

export function isStatus(value: unknown): value is AlertStatus {
  return statuses.includes(value as AlertStatus);
}
