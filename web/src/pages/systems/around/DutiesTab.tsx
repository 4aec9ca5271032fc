import { IconGavel } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { obligationPagesQuery } from '../../../api/obligationQueries';
import { EmptyState } from '../../../kit/EmptyState';
import { FilterChips } from '../../../kit/filters';
import { ObligationList } from '../../obligations/ObligationList';
import type { TabProps } from '../tabs';

const shown = ['open', 'all'] as const;

/** What the law asks for because of a system: of its incidents, inspections and yearly checks. */
export function DutiesTab({ system }: TabProps) {
  const { t } = useTranslation('systems');
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<string>();
  const query = useInfiniteQuery(obligationPagesQuery({ system: system.id, ...(all && { state: 'any' }) }));
  return (
    <ObligationList
      label={t('tab.duties')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      open={open}
      onOpen={setOpen}
      filters={<FilterChips label={t('around.which')} values={shown} chosen={[all ? 'all' : 'open']} single name={(x) => t(`around.${x}`)} onChange={([x]) => { setAll(x === 'all'); }} />}
      empty={<EmptyState icon={<IconGavel size={34} />} title={t('around.noDuties')} text={t('around.dutiesText')} />}
    />
  );
}
