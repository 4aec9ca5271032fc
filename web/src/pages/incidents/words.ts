import '../../i18n/incidents';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { catalogueQuery, type Playbook, type Taxonomy } from '../../api/incidentQueries';

const noSchemes: Taxonomy[] = [];
const noPlaybooks: Playbook[] = [];

/** The taxonomies and playbooks, in the reader's language. */
export function useCatalogue() {
  const { i18n } = useTranslation();
  const vietnamese = i18n.language === 'vi';
  const { data } = useQuery(catalogueQuery);
  return useMemo(() => {
    const schemes = [...(data?.schemes ?? noSchemes)].sort((a, b) => Number(b.default) - Number(a.default));
    const playbooks = data?.playbooks ?? noPlaybooks;
    const of = (named: { vi: string; name: string }) => (vietnamese ? named.vi : named.name);
    const names = new Map<string, string>();
    const playbookOf = new Map<string, string>();
    const groups = schemes.flatMap((scheme) =>
      (scheme.groups ?? []).map((group) => {
        const items = (group.categories ?? []).map((category) => {
          names.set(category.id, of(category));
          playbookOf.set(category.id, category.playbook);
          return { value: category.id, label: of(category) };
        });
        return { group: scheme.default ? of(group) : `${of(scheme)} · ${of(group)}`, items };
      }),
    );
    return {
      /** For a list to choose from, the usual taxonomy first. */
      groups,
      playbooks,
      category: (id: string) => names.get(id) ?? id,
      /** The id of the playbook a category is answered by; "" none. */
      playbookOf: (id: string) => playbookOf.get(id) ?? '',
      playbook: (id: string) => {
        const found = playbooks.find((one) => one.id === id);
        return found ? of(found) : id;
      },
    };
  }, [data, vietnamese]);
}
