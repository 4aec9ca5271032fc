import { useTranslation } from 'react-i18next';

import type { Unit } from '../../api/types';
import { Badge } from '../../ui/Badge';
import { showDay } from './tree';

/** Whether a unit is in force, and since or until when it is not. */
export function UnitStatus({ unit }: { unit: Unit }) {
  const { t } = useTranslation('units');
  if (unit.status === 'ended') {
    return (
      <Badge tone="informational" round>
        {t('status.ended')} · {showDay(unit.validTo)}
      </Badge>
    );
  }
  if (unit.status === 'planned') {
    return (
      <Badge tone="low" round>
        {t('fromOn', { day: showDay(unit.validFrom) })}
      </Badge>
    );
  }
  if (unit.validTo !== null) {
    return (
      <Badge tone="medium" round>
        {t('endedOn', { day: showDay(unit.validTo) })}
      </Badge>
    );
  }
  return (
    <Badge tone="ok" round>
      {t('status.active')}
    </Badge>
  );
}
