import '../../i18n/vulnerabilities';

import { Group, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { importPagesQuery, importQuery, type VulnerabilityImport } from '../../api/vulnerabilityQueries';
import { EmptyState } from '../../kit/EmptyState';
import { ListPage } from '../../kit/ListPage';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from '../advisories/advisories.module.css';

const route = getRouteApi('/vulnerabilities/imports');
const stateTones = { running: 'informational', done: 'ok', failed: 'high' } as const;

/** Every report that was imported, and what came of it. */
export function ImportsPage() {
  const { t, i18n } = useTranslation('vulnerabilities');
  const { id, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(importPagesQuery({ unit }));
  const number = (name: 'new' | 'gone' | 'reopened' | 'again', from?: 'sm' | 'md') => ({
    id: name,
    name: t(`imports.${name}`),
    number: true,
    ...(from && { from }),
    cell: (m: VulnerabilityImport) => formatNumber(m[name], i18n.language),
  });
  return (
    <ListPage<VulnerabilityImport>
      title={t('imports.list')}
      tools={
        <LinkButton to="/vulnerabilities" size="xs" variant="default">
          {t('tools.findings')}
        </LinkButton>
      }
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(m) => m.id}
      name={(m) => m.file}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      columns={[
        {
          id: 'file',
          name: t('imports.file'),
          main: true,
          cell: (m) => m.file,
          under: (m) => (
            <div className="la-dim">
              {m.tool} {m.release} · {m.unitName} {m.target && `· ${m.target}`}
            </div>
          ),
        },
        { id: 'at', name: t('imports.at'), cell: (m) => <Time at={m.at} />, from: 'sm' },
        { id: 'state', name: t('state'), cell: (m) => <Badge tone={stateTones[m.state]}>{t(`imports.state.${m.state}`)}</Badge>, from: 'md' },
        number('new'),
        number('again', 'md'),
        number('reopened', 'sm'),
        number('gone'),
      ]}
      empty={<EmptyState icon={<IconHistory size={34} />} title={t('imports.empty')} text={t('imports.emptyText')} steps={[t('step1'), t('step2'), t('step3')]} />}
      open={id}
      onOpen={(next) => {
        void navigate({ search: (old) => ({ ...old, id: next }), replace: id !== undefined });
      }}
      panel={(one) => <ImportBody key={one} id={one} />}
    />
  );
}

function ImportBody({ id }: { id: string }) {
  const { t, i18n } = useTranslation('vulnerabilities');
  const [text, setText] = useState('');
  const { data, error, isPending, refetch } = useQuery(importQuery(id, useDeferredValue(text) || undefined));
  if (isPending && text === '') return <Rows count={6} />;
  if (!data && text === '') return <ErrorState error={error} retry={() => void refetch()} />;
  const language = i18n.language;
  return (
    <>
      {data && (
        <>
          <Group gap="xs" mb="xs">
            <Badge tone={stateTones[data.state]}>{t(`imports.state.${data.state}`)}</Badge>
            <LinkButton to="/vulnerabilities" search={{ import: data.id, state: 'any' }} size="xs" variant="default">
              {t('imports.seen')}
            </LinkButton>
            {data.components > 0 && (
              <LinkButton to="/advisories" search={{ tab: 'software', origin: 'components', q: data.target }} size="xs" variant="default">
                {t('imports.compared')}
              </LinkButton>
            )}
          </Group>
          <dl className={css.facts}>
            <dt>{t('imports.tool')}</dt>
            <dd>
              {data.tool} {data.release}
            </dd>
            <dt>{t('unit')}</dt>
            <dd>{data.unitName}</dd>
            {data.target && (
              <>
                <dt>{t('imports.of')}</dt>
                <dd>{data.target}</dd>
              </>
            )}
            <dt>{t('imports.scannedAt')}</dt>
            <dd>
              <Time at={data.scannedAt} />
            </dd>
            <dt>{t('imports.at')}</dt>
            <dd>
              <Time at={data.at} /> · {data.by}
            </dd>
            {(['hosts', 'findings', 'components', 'new', 'again', 'reopened', 'gone'] as const).map((name) => (
              <Fact key={name} name={t(`imports.${name}`)} value={formatNumber(data[name], language)} />
            ))}
            <dt>{t('imports.sha256')}</dt>
            <dd className="la-mono">{data.sha256}</dd>
          </dl>
          {data.problems.length > 0 && (
            <>
              <h3 className={css.part}>{t('im.problems')}</h3>
              <ul>
                {data.problems.map((p) => (
                  <li key={p}>{p}</li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      {(text !== '' || (data?.components ?? 0) > 0) && (
        <>
          <h3 className={css.part}>{t('imports.listed')}</h3>
          <TextInput
            size="xs"
            mb="xs"
            aria-label={t('imports.listedFind')}
            placeholder={t('imports.listedFind')}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
          />
          <div className={css.scroll} tabIndex={0} role="region" aria-label={t('imports.listed')}>
            <table className="la-table">
              <thead>
                <tr>
                  <th>{t('imports.name')}</th>
                  <th>{t('imports.release')}</th>
                  <th>{t('imports.vendor')}</th>
                </tr>
              </thead>
              <tbody>
                {(data?.listed ?? []).map((c, i) => (
                  <tr key={i}>
                    <td className="la-wrap">{c.name}</td>
                    <td className="la-mono">{c.release}</td>
                    <td className="la-wrap">{c.vendor}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
