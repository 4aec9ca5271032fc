import { Select } from '@mantine/core';
import { IconSitemap } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { unitsQuery } from '../api/queries';
import { by } from '../kit/text';
import css from './shell.module.css';
import { useUnit } from './unit';

/** Narrows the pages to one unit, for people who answer for several; the address keeps it from page to page. */
export function UnitSwitch() {
  const { t } = useTranslation();
  const unit = useUnit();
  const navigate = useNavigate();
  const { data } = useQuery(unitsQuery);
  const units = data?.items ?? [];
  if (units.length < 2 && unit === undefined) return null;
  return (
    <Select
      className={css.unit}
      size="xs"
      aria-label={t('nav.unit')}
      placeholder={t('nav.allUnits')}
      leftSection={<IconSitemap size={15} aria-hidden="true" />}
      clearable
      searchable
      value={unit ?? null}
      data={units.map(({ id, name }) => ({ value: id, label: name })).sort(by((choice) => choice.label))}
      onChange={(value) => void navigate({ to: '.', search: (old) => ({ ...old, unit: value ?? undefined }) })}
    />
  );
}
