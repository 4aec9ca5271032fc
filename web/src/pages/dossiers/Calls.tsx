import '../../i18n/systems';

import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { dismissLevelCall, dossiersChanged, type LevelCall, levelCallsQuery } from '../../api/dossierQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Ago } from '../../ui/Time';
import { placeOf } from '../notifications/places';
import { callReason } from './callReason';
import css from './dossiers.module.css';

/** What calls for levels to be determined anew, of one system where it is named, until somebody decides. */
export function Calls({ system }: { system?: string | undefined }) {
  const { t, i18n } = useTranslation(['dossiers', 'systems']);
  const may = useMay();
  const client = useQueryClient();
  const [dismissing, setDismissing] = useState<LevelCall>();
  const items = useQuery(levelCallsQuery(system)).data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className={`la-card ${css.section ?? ''}`} aria-labelledby="level-calls">
      <Title order={2} id="level-calls" size="h4">
        {t('calls.title', { count: items.length })}
      </Title>
      {items.map((c) => {
        const place = placeOf(c.object);
        // An incident or a connection is named; only what a system became begins with a type.
        const reason = place ? c.reason : callReason(c.reason, (type) => t(`systems:type.${type}`));
        return (
          <article key={c.id} aria-label={c.systemCode}>
            <Text fw={600} size="sm" mt={8} className="la-wrap">
              {c.systemCode} · {c.systemName} <span className="la-dim">{c.unitName}</span>
            </Text>
            <Text size="sm" className="la-wrap">
              {i18n.language === 'vi' ? c.trigger.vi : c.trigger.en}
              {c.reason !== '' && <>: {place ? <Link to={place.to as '/'}>{reason}</Link> : reason}</>}
            </Text>
            <Text size="xs" className="la-dim">
              {c.trigger.article} · <Ago at={c.at} />
            </Text>
            <Group gap="xs" mt={4}>
              {may('dossier.write') && (
                <Link to="/dossiers" search={{ begin: c.system, system: c.system }}>
                  {t('calls.begin')}
                </Link>
              )}
              {c.mayDismiss && (
                <Button size="compact-sm" variant="default" onClick={() => { setDismissing(c); }}>
                  {t('calls.dismiss')}
                </Button>
              )}
            </Group>
          </article>
        );
      })}
      {dismissing && (
        <ConfirmDialog
          title={t('calls.dismiss')}
          text={t('calls.dismissText', { system: dismissing.systemName })}
          confirm={t('calls.dismiss')}
          reason="required"
          onConfirm={async (reason) => {
            await dismissLevelCall(dismissing, reason);
            await dossiersChanged(client);
          }}
          onClose={() => { setDismissing(undefined); }}
        />
      )}
    </section>
  );
}
