import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { unitsQuery } from '../../api/queries';
import { unitLayersQuery, writeUnitLayer } from '../../api/standingQueries';
import { useSession } from '../../app/session';
import { useUnit } from '../../app/unit';
import { ErrorState, Rows } from '../../ui/State';
import { Layers } from './Layers';

/** The four layers of one unit, which hold for its systems of which nothing else is written. */
export function UnitLayers() {
  const { t } = useTranslation('standing');
  const narrowed = useUnit();
  const session = useSession();
  const navigate = useNavigate();
  const units = useQuery(unitsQuery).data?.items ?? [];
  const unit = narrowed ?? session.user.unit;
  const query = useQuery(unitLayersQuery(unit));
  return (
    <>
      <Select
        label={t('heat.unit')}
        searchable
        allowDeselect={false}
        limit={100}
        maw={420}
        mb="sm"
        data={units.map((u) => ({ value: u.id, label: u.name }))}
        value={unit}
        onChange={(value) => void navigate({ to: '/requirements', search: { tab: 'unit', unit: value ?? undefined }, replace: true })}
      />
      {query.isPending ? (
        <Rows count={4} />
      ) : query.data ? (
        <>
          <Text size="sm" mb="xs">
            {t('layer.ofUnit', { count: query.data.systems })} {query.data.level > 0 && t('layer.atLevel', { level: query.data.level })}
          </Text>
          <Layers key={unit} of={query.data} write={(layer, facts, version) => writeUnitLayer(unit, layer, facts, version)} />
        </>
      ) : (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      )}
    </>
  );
}
