import '@mantine/core/styles/List.css';
import '../../i18n/connect';

import { Button, Drawer, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilter, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { devicesQuery, type Enrolment, enrolmentsQuery } from '../../api/enrolQueries';
import { useMay } from '../../app/session';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import { EnrolmentView } from './EnrolmentView';

const route = getRouteApi('/sources/enrolments');
const states = ['waiting', 'active', 'expired', 'revoked'] as const;
const tones = { waiting: 'low', active: 'ok', expired: 'high', revoked: 'informational' } as const;

export function EnrolmentsPage() {
  const { t } = useTranslation(['translation', 'connect']);
  const { status, q, soon, id } = route.useSearch();
  const navigate = route.useNavigate();
  const mayAdd = useMay()('enrol.manage');
  const { data, error, isPending, refetch } = useQuery(enrolmentsQuery({ status, q, soon }));
  const setText = useDebouncedCallback((value: string) => {
    void navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true });
  }, 250);
  const open = (chosen: string | undefined) => void navigate({ search: (old) => ({ ...old, id: chosen }) });
  const filtered = status !== undefined || q !== undefined || soon !== undefined;
  return (
    <div className={page.page}>
      <PageHeader title={t('connect:list')}>
        <Link to="/sources">{t('connect:sources')}</Link>
        {mayAdd && (
          <LinkButton to="/sources/connect" size="xs" leftSection={<IconPlus size={15} />}>
            {t('connect:new')}
          </LinkButton>
        )}
      </PageHeader>
      <div className="la-card">
        <div className={page.bar}>
          <TextInput
            size="xs"
            defaultValue={q}
            leftSection={<IconFilter size={14} />}
            placeholder={t('connect:search')}
            aria-label={t('connect:search')}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            style={{ flex: '1 1 220px', maxWidth: 360 }}
          />
          <Select
            size="xs"
            aria-label={t('connect:state')}
            data={[
              { value: '', label: t('connect:all') },
              ...states.map((value) => ({ value, label: t(`connect:status.${value}`) })),
              { value: 'soon', label: t('connect:soon') },
            ]}
            value={soon ? 'soon' : (status ?? '')}
            onChange={(value) =>
              void navigate({
                search: (old) => ({
                  ...old,
                  status: value && value !== 'soon' ? value : undefined,
                  soon: value === 'soon' ? '1' : undefined,
                }),
                replace: true,
              })
            }
            allowDeselect={false}
          />
        </div>
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {isPending && <Rows count={6} />}
        {data?.items.length === 0 && (
          <EmptyState
            icon={filtered ? <IconFilter size={30} /> : <IconPlugConnected size={34} />}
            title={filtered ? t('connect:noMatch') : t('connect:none')}
            text={filtered ? t('connect:noMatchText') : t('connect:noneText')}
          />
        )}
        {data && data.items.length > 0 && <Table items={data.items} onOpen={open} />}
      </div>
      <Drawer
        opened={id !== undefined}
        onClose={() => {
          open(undefined);
        }}
        position="right"
        size="xl"
        title={t('connect:detail')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {id && <EnrolmentView key={id} id={id} mayChange={mayAdd} />}
      </Drawer>
    </div>
  );
}

function Table({ items, onOpen }: { items: Enrolment[]; onOpen: (id: string) => void }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const devices = useQuery(devicesQuery);
  const names = new Map((devices.data?.items ?? []).map((d) => [d.id, i18n.language === 'vi' ? d.name.vi : d.name.en]));
  return (
    <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('connect:list')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('connect:state')}</th>
            <th>{t('connect:name')}</th>
            <th>{t('connect:unit')}</th>
            <th>{t('connect:credential')}</th>
            <th>{t('connect:lastSeen')}</th>
            <th style={{ textAlign: 'right' }}>{t('connect:events')}</th>
            <th>{t('connect:expires')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((e) => (
            <tr key={e.id}>
              <td>
                <Badge tone={tones[e.status]} round>
                  {t(`connect:status.${e.status}`)}
                </Badge>
              </td>
              <td className="la-wrap">
                <Button
                  variant="subtle"
                  size="compact-sm"
                  px={0}
                  aria-label={t('connect:open', { name: e.name })}
                  onClick={() => {
                    onOpen(e.id);
                  }}
                >
                  {e.name}
                </Button>
                <Text size="xs" className="la-dim">
                  {names.get(e.device) ?? e.device}
                </Text>
              </td>
              <td>{e.unitName || e.unit}</td>
              <td>{t(`connect:credentials.${e.credential}`)}</td>
              <td>{e.lastSeen ? <Ago at={e.lastSeen} /> : t('connect:never')}</td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {formatNumber(e.events, i18n.language)}
              </td>
              <td>{e.expiresAt ? <Time at={e.expiresAt} /> : t('connect:noEnd')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
