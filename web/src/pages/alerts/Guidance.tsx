import '../../i18n/triage';

import { Button, Group, Title } from '@mantine/core';
import { IconMail, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { guidanceQuery } from '../../api/triageQueries';
import type { AlertDetail } from '../../api/types';
import { Code } from '../../ui/Copy';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import css from './alerts.module.css';

/** Three things to check, each with its search, and a notice ready to send. */
export function Guidance({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const { data, error, isPending, refetch } = useQuery(guidanceQuery(alert.id));
  const [writing, setWriting] = useState(false);
  if (isPending) return <Rows count={4} />;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  const vietnamese = i18n.language === 'vi';
  const notice = vietnamese ? data.noticeVi : data.notice;
  const entity = alert.entityField ? `${/^[A-Za-z_][\w.]*$/.test(alert.entityField) ? alert.entityField : JSON.stringify(alert.entityField)}:${JSON.stringify(alert.entityValue)}` : '';
  return (
    <>
      <section>
        <Title order={3} mb={4}>
          {t('triage:help.checks')}
        </Title>
        <ol className={css.checks}>
          {data.checks.map((check) => (
            <li key={check.textVi}>
              <div>
                {vietnamese ? check.textVi : check.text}{' '}
                {check.query && (
                <LinkButton
                  to="/search"
                  search={{ q: check.query, from: data.from, to: data.to }}
                  size="compact-xs"
                  variant="subtle"
                  leftSection={<IconSearch size={13} />}
                  title={check.query}
                >
                  {t('triage:help.search')}
                </LinkButton>
              )}
              </div>
            </li>
          ))}
        </ol>
        <Group gap="xs" mt={8}>
          {!alert.signal && (
            <LinkButton to="/search" search={{ q: entity, from: data.from, to: data.to }} size="compact-sm" variant="default">
              {t('triage:help.around')}
            </LinkButton>
          )}
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconMail size={14} />}
            aria-expanded={writing}
            onClick={() => {
              setWriting(!writing);
            }}
          >
            {t(writing ? 'triage:help.noticeHide' : 'triage:help.noticeShow')}
          </Button>
        </Group>
      </section>
      {writing && (
        <section>
          <Title order={3} mb={4}>
            {t('triage:help.notice')}
          </Title>
          <Code text={`${t('triage:help.subject')}: ${notice.subject}\n\n${notice.body}`} wrap label={t('triage:help.notice')} />
        </section>
      )}
    </>
  );
}
