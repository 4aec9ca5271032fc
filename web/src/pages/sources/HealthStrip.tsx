import { Group } from '@mantine/core';
import { IconCertificate, IconDatabase, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sourcesHealthQuery } from '../../api/sourceQueries';
import { formatBytes } from '../../lib/format';
import { Time, useNow } from '../../ui/Time';
import styles from './sources.module.css';

const soonDays = 30;
const day = 86_400_000;

/** What concerns all sources: disks, certificates that end, times the centre was down. */
export function HealthStrip() {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const { data } = useQuery(sourcesHealthQuery);
  const now = useNow();
  if (!data) return null;
  const ending = data.certificates.filter((c) => c.days <= soonDays && !c.renews);
  const outages = data.outages.filter((o) => now - Date.parse(o.to) < 2 * day);
  if (data.disks.length + ending.length + outages.length === 0) return null;
  return (
    <section className={styles.strip} aria-label={t('sources:health')}>
      {data.disks.map((disk) => (
        <Group key={disk.path} gap={6} wrap="nowrap">
          <IconDatabase size={15} aria-hidden="true" />
          <span>
            {t('sources:disk', { path: disk.path })}:{' '}
            {disk.fullOn ? (
              <b>
                {t('sources:diskFull')} <Time at={disk.fullOn} />
              </b>
            ) : (
              t(disk.known ? 'sources:diskSlow' : 'sources:diskUnknown')
            )}
            <span className="la-dim">
              {' · '}
              {t('sources:diskFree', { free: formatBytes(disk.freeBytes, i18n.language), rate: formatBytes(disk.bytesPerDay, i18n.language) })}
            </span>
          </span>
        </Group>
      ))}
      {ending.map((c) => (
        <Group key={`${c.kind} ${c.name}`} gap={6} wrap="nowrap">
          <IconCertificate size={15} aria-hidden="true" />
          <span>
            {t('sources:certificate', { name: c.name })}:{' '}
            <b>{c.days < 0 ? t('sources:certificateEnded') : t('sources:certificateEnds', { n: c.days })}</b>
          </span>
        </Group>
      ))}
      {outages.map((o) => (
        <Group key={o.from} gap={6} wrap="nowrap">
          <IconPlugConnectedX size={15} aria-hidden="true" />
          <span>
            {t('sources:outage')}: <Time at={o.from} /> – <Time at={o.to} />
          </span>
        </Group>
      ))}
    </section>
  );
}
