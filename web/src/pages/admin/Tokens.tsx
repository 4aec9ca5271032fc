import { Alert, Button, Group, NumberInput, Select, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { tokensQuery, unitsQuery } from '../../api/queries';
import type { Token } from '../../api/types';
import { useNow } from '../../ui/Time';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';
import page from '../../ui/page.module.css';
import { serverHost, serverOrigin, snippets } from '../../ui/snippets';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import { Dialog } from '../../ui/Dialog';

/** Lines to paste on a sender; the token is in them while it is known. */
function Snippets({ token }: { token: string }) {
  const { t } = useTranslation(['translation', 'admin']);
  return (
    <Tabs defaultValue="curl" keepMounted={false}>
      <Tabs.List mb="xs">
        <Tabs.Tab value="curl">{t('admin:snippet.json')}</Tabs.Tab>
        <Tabs.Tab value="lines">{t('admin:snippet.lines')}</Tabs.Tab>
        <Tabs.Tab value="rsyslog">{t('admin:snippet.rsyslog')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="curl">
        <Code text={snippets.curl(serverOrigin(), token)} wrap />
      </Tabs.Panel>
      <Tabs.Panel value="lines">
        <Code text={snippets.lines(serverOrigin(), token)} wrap />
      </Tabs.Panel>
      <Tabs.Panel value="rsyslog">
        <Code text={snippets.rsyslog(serverHost())} wrap />
        <Text size="xs" className="la-dim" mt={6}>
          {t('admin:snippet.rsyslogText')}
        </Text>
      </Tabs.Panel>
    </Tabs>
  );
}

function NewToken({ onDone, onCancel }: { onDone: (token: string, scope: Token['scope']) => void; onCancel: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery);
  const [name, setName] = useState('');
  const [unit, setUnit] = useState<string | null>(null);
  const [scope, setScope] = useState<Token['scope']>('ingest');
  const [days, setDays] = useState<number | string>(365);
  const create = useMutation({
    mutationFn: () =>
      call<{ token: string }>('/tokens', {
        method: 'POST',
        body: { name: name.trim(), unit: unit ?? '', scope, ...(typeof days === 'number' && { expiresInDays: days }) },
      }),
    onSuccess: ({ token }) => {
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onDone(token, scope);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="sm">
        {create.isError && <ErrorState error={create.error} />}
        <TextInput
          label={t('admin:tokenName')}
          placeholder={t('admin:tokenNameExample')}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <Select
          label={t('admin:unit')}
          description={t('admin:tokenUnit')}
          data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name || u.id }))}
          value={unit}
          onChange={setUnit}
          searchable
          required
          withAsterisk={false}
        />
        <Select
          label={t('admin:scope')}
          data={(['ingest', 'api'] as const).map((value) => ({ value, label: t(`scope.${value}`) }))}
          value={scope}
          allowDeselect={false}
          onChange={(value) => {
            setScope(value === 'api' ? 'api' : 'ingest');
          }}
        />
        <NumberInput label={t('admin:expiresIn')} min={1} max={scope === 'api' ? 365 : 3650} value={days} onChange={setDays} allowDecimal={false} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={unit === null}>
            {t('admin:createToken')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function TokenState({ token }: { token: Token }) {
  const { t } = useTranslation(['translation', 'admin']);
  const now = useNow();
  if (token.revoked) return <Badge tone="informational">{t('admin:revoked')}</Badge>;
  if (token.expiresAt && Date.parse(token.expiresAt) < now) return <Badge tone="medium">{t('admin:expired')}</Badge>;
  return (
    <Badge tone="ok" round>
      {t('admin:valid')}
    </Badge>
  );
}

export function Tokens() {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const errorText = useErrorText();
  const { data, error, isPending, refetch } = useQuery(tokensQuery);
  const [creating, dialog] = useDisclosure();
  const [made, setMade] = useState<{ token: string; scope: Token['scope'] }>();
  const [revoking, setRevoking] = useState<Token>();
  const revoke = useMutation({
    mutationFn: (token: Token) => call(`/tokens/${encodeURIComponent(token.id)}`, { method: 'DELETE' }),
    onSuccess: () => void client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
    onError: (cause) => {
      const words = errorText(cause);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
    onSettled: () => {
      setRevoking(undefined);
    },
  });
  return (
    <>
      <div className={page.bar}>
        <Text size="sm" className="la-dim" style={{ flex: 1 }}>
          {t('admin:tokensText')}
        </Text>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open}>
          {t('admin:newToken')}
        </Button>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={5} />}
      {data?.items.length === 0 && (
        <EmptyState icon={<IconKey size={34} />} title={t('admin:noTokens')} text={t('admin:noTokensText')} />
      )}
      {data && data.items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:tab.tokens')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:tokenName')}</th>
                <th>{t('admin:unit')}</th>
                <th>{t('admin:scope')}</th>
                <th>{t('admin:state')}</th>
                <th>{t('admin:lastUsed')}</th>
                <th>{t('admin:expires')}</th>
                <th>
                  <span className="la-hidden">{t('admin:actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((token) => (
                <tr key={token.id}>
                  <td>{token.name}</td>
                  <td>{token.unit}</td>
                  <td>{t(`scope.${token.scope}`)}</td>
                  <td>
                    <TokenState token={token} />
                  </td>
                  <td>{token.lastUsedAt ? <Ago at={token.lastUsedAt} /> : <span className="la-dim">{t('admin:never')}</span>}</td>
                  <td>{token.expiresAt ? <Time at={token.expiresAt} /> : <span className="la-dim">{t('admin:noExpiry')}</span>}</td>
                  <td style={{ textAlign: 'right' }}>
                    {!token.revoked && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => {
                          setRevoking(token);
                        }}
                      >
                        {t('admin:revoke')}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <section className={page.item}>
        <Text fw={620} mb={4}>
          {t('admin:snippet.title')}
        </Text>
        <Snippets token="lc_…" />
      </section>
      <Dialog opened={creating} onClose={dialog.close} title={t('admin:newToken')}>
        <NewToken
          onCancel={dialog.close}
          onDone={(token, scope) => {
            dialog.close();
            setMade({ token, scope });
          }}
        />
      </Dialog>
      <Dialog
        opened={made !== undefined}
        onClose={() => {
          setMade(undefined);
        }}
        title={t('admin:tokenMade')}
        size="lg"
        closeOnClickOutside={false}
      >
        {made && (
          <Stack gap="sm">
            <Code text={made.token} wrap />
            <Alert variant="light" color="yellow" p="xs">
              {t('admin:shownOnce')}
            </Alert>
            {made.scope === 'ingest' && <Snippets token={made.token} />}
          </Stack>
        )}
      </Dialog>
      <Dialog
        opened={revoking !== undefined}
        onClose={() => {
          setRevoking(undefined);
        }}
        title={t('admin:revokeTitle')}
      >
        <Text size="sm">{t('admin:revokeText', { name: revoking?.name ?? '' })}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button
            variant="default"
            data-autofocus
            onClick={() => {
              setRevoking(undefined);
            }}
          >
            {t('action.cancel')}
          </Button>
          <Button
            color="red"
            loading={revoke.isPending}
            onClick={() => {
              if (revoking) revoke.mutate(revoking);
            }}
          >
            {t('admin:revoke')}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
