// Playbooks and taxonomies are texts in YAML. What a form changes in one is changed in
// place, so that comments and the order of things stay as their authors wrote them.
import { isMap, isSeq, parseDocument } from 'yaml';

export interface TaskText {
  id: string;
  phase: string;
  of: string;
  within: number;
  vi: string;
  en: string;
  checklist: string[];
}

const open = (text: string) => parseDocument(text);
const written = (doc: ReturnType<typeof open>) => doc.toString({ lineWidth: 0 });

const placeOf = (doc: ReturnType<typeof open>, id: string): number => {
  const tasks = doc.get('tasks');
  return isSeq(tasks) ? tasks.items.findIndex((one) => isMap(one) && one.get('id') === id) : -1;
};

/** The text with a task changed, or added where it has none of that id. */
export function withTask(text: string, task: TaskText): string {
  const doc = open(text);
  const place = placeOf(doc, task.id);
  if (place < 0) {
    doc.addIn(['tasks'], doc.createNode(task, { flow: true }));
    return written(doc);
  }
  for (const [name, value] of Object.entries(task)) {
    const path = ['tasks', place, name];
    if (JSON.stringify(doc.getIn(path)) !== JSON.stringify(value)) doc.setIn(path, Array.isArray(value) ? doc.createNode(value, { flow: true }) : value);
  }
  return written(doc);
}

/** The text without a task. */
export function withoutTask(text: string, id: string): string {
  const doc = open(text);
  const place = placeOf(doc, id);
  if (place >= 0) doc.deleteIn(['tasks', place]);
  return written(doc);
}

/** A copy to begin another piece from: the same but for its id, and never the default. */
export function renamed(text: string, id: string): string {
  const doc = open(text);
  doc.set('id', id);
  if (doc.has('default')) doc.delete('default');
  return written(doc);
}

/** Which line the server found wrong, from 1. */
export function wrongLine(detail: string): number | undefined {
  const line = /\bline (\d+)/.exec(detail)?.[1];
  return line === undefined ? undefined : Number(line);
}
