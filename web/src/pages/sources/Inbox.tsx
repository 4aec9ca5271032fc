import { Skeleton, Stack, Text } from '@mantine/core';
import { IconChecks, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { unparsedQuery } from '../../api/queries';
import { formatNumber } from '../../lib/format';
import { clause } from '../../lib/query';
import { Code } from '../../ui/Copy';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState } from '../../ui/State';
import { Ago } from '../../ui/Time';

/** Lines that were stored but not understood: what to write a parser for first. */
export function Inbox() {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const { data, error, isPending, refetch } = useQuery(unparsedQuery('7d'));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) {
    return (
      <Stack p="sm">
        {[0, 1, 2].map((i) => (
          <Skeleton key={i} height={90} />
        ))}
      </Stack>
    );
  }
  if (data.items.length === 0) {
    return <EmptyState icon={<IconChecks size={34} />} title={t('sources:inbox.none')} text={t('sources:inbox.noneText')} />;
  }
  return (
    <Stack gap={0}>
      <Text size="sm" className="la-dim" p="sm">
        {t('sources:inbox.intro')}
      </Text>
      {[...data.items]
        .sort((a, b) => b.count - a.count)
        .map((item) => (
          <section key={[item.unit, item.input, item.peer, item.host].join('|')} className={page.item}>
            <div className={page.itemHead}>
              <div>
                <b>{item.host || item.peer}</b>{' '}
                <span className="la-dim">
                  {item.unit} · {item.input} · {item.peer}
                </span>
              </div>
              <div>
                <b className="la-num">{t('sources:inbox.lines', { n: formatNumber(item.count, i18n.language) })}</b>{' '}
                <span className="la-dim">
                  <Ago at={item.lastSeen} />
                </span>
              </div>
            </div>
            <Code text={item.samples.join('\n')} wrap label={t('sources:inbox.samples')} />
            <LinkButton
              to="/search"
              search={{
                q: `${item.host ? clause('host', item.host) : clause('peer', item.peer)} AND NOT format:*`,
                from: 'now-7d',
              }}
              size="compact-xs"
              variant="default"
              mt={8}
              leftSection={<IconSearch size={13} />}
            >
              {t('sources:inbox.search')}
            </LinkButton>
          </section>
        ))}
    </Stack>
  );
}
