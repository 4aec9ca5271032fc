import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { peopleQuery } from '../../api/queries';
import { useMay, useSession } from '../../app/session';
import type { Draft, Field } from '../../lib/incidentDraft';
import { formatTime } from '../../lib/time';
import { useUnitNames } from '../users/UnitPicker';
import { useCatalogue } from './words';

/** A field of an incident as people read it. */
export function useShown() {
  const { t } = useTranslation(['translation', 'incidents']);
  const { category } = useCatalogue();
  const units = useUnitNames();
  const { user } = useSession();
  const may = useMay();
  const people = useQuery({ ...peopleQuery, enabled: may('alert.triage') }).data?.items ?? [];
  return (field: Field, of: Draft): string => {
    const value = of[field];
    if (typeof value === 'boolean') return t(value ? 'incidents:flag.on' : 'incidents:secrecy.none');
    switch (field) {
      case 'category':
        return category(of.category);
      case 'severity':
        return of.severity && t(`level.${of.severity as 'high'}`);
      case 'unit':
        return units.name(of.unit);
      case 'units':
        return of.units.map(units.name).join(', ');
      case 'systems':
        return of.systems.map((s) => `${s.name} (${s.level === 0 ? t('incidents:system.unknown') : t('incidents:system.levelOf', { n: s.level })})`).join('; ');
      case 'lead':
        return of.lead === user.id ? user.displayName : (people.find((person) => person.id === of.lead)?.displayName ?? of.lead);
      case 'secrecy':
        return t(`incidents:secrecy.${(of.secrecy || 'none') as 'none'}`);
      case 'detectedAt':
      case 'confirmedAt':
      case 'containedAt':
      case 'recoveredAt':
        return of[field] ? formatTime(of[field]) : '';
      default:
        return typeof value === 'string' ? value : '';
    }
  };
}
