import type { ChecklistGroup, InspectionDetail } from '../../api/assessmentQueries';

/** What a part of a checklist asks; of a system where it is drawn from its requirements. */
export interface Section {
  id: string;
  system?: InspectionDetail['systems'][number];
  catalogue?: string;
  groups: readonly ChecklistGroup[];
}

/** What a visit asks: of all alike, then of each of its systems at the system's level. */
export function sectionsOf(visit: Pick<InspectionDetail, 'kind' | 'systems' | 'drawn'>, groups: readonly ChecklistGroup[]): Section[] {
  const all: Section[] = [{ id: '', groups: groups.filter((g) => g.kinds.includes(visit.kind)) }];
  for (const system of visit.systems) {
    const drawn = visit.drawn.find((d) => d.level === system.asked);
    if (system.id && drawn) {
      const id = system.id;
      const own = drawn.groups.map((g) => ({ ...g, items: g.items.map((item) => ({ ...item, id: `${id}/${item.id}` })) }));
      all.push({ id, system, catalogue: drawn.title, groups: own });
    }
  }
  return all.filter((section) => section.groups.length > 0);
}
