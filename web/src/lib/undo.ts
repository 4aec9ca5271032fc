// The way back from a change of many alerts: one request for each group that
// looked the same before.
import type { Alert, AlertChange } from '../api/types';

export type UndoStep = AlertChange & { ids: string[] };

export function undoSteps(before: readonly Alert[]): UndoStep[] {
  const groups = new Map<string, UndoStep>();
  for (const alert of before) {
    const change: AlertChange = { status: alert.status, note: alert.note, assigneeId: alert.assignee?.id ?? null };
    if (alert.status === 'closed' && alert.reason) change.reason = alert.reason;
    const key = JSON.stringify(change);
    const group = groups.get(key) ?? { ...change, ids: [] };
    group.ids.push(alert.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}
