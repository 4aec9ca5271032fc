// Levels and states in the order people rank them.
import type { AlertStatus, CloseReason, Level } from '../api/types';

export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];
export const statuses: readonly AlertStatus[] = ['new', 'in_progress', 'closed'];
/** What a person chooses from; a signal may also settle by itself. */
export const reasons: readonly CloseReason[] = ['true_positive', 'false_positive', 'benign', 'duplicate', 'other'];

export function isReason(value: unknown): value is CloseReason {
  return value === 'settled' || reasons.includes(value as CloseReason);
}

export function isLevel(value: unknown): value is Level {
  return levels.includes(value as Level);
}

export function isStatus(value: unknown): value is AlertStatus {
  return statuses.includes(value as AlertStatus);
}
