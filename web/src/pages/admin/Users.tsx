import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { unitsQuery, usersQuery } from '../../api/queries';
import type { Account, Role } from '../../api/types';
import { useSession } from '../../app/session';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Dialog } from '../../ui/Dialog';

const roles = ['administrator', 'analyst', 'coordinator', 'leader', 'security-officer', 'unit-head', 'appraiser', 'auditor'] as const satisfies Role[];

interface Secret {
  username: string;
  password: string;
}

function NewUser({ onDone, onCancel }: { onDone: (secret: Secret) => void; onCancel: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery);
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const [unit, setUnit] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: () =>
      call<{ oneTimePassword: string }>('/users', {
        method: 'POST',
        body: { username: username.trim(), displayName: displayName.trim(), role, unit: unit ?? '' },
      }),
    onSuccess: ({ oneTimePassword }) => {
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
      onDone({ username: username.trim(), password: oneTimePassword });
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
          label={t('signin.username')}
          description={t('admin:usernameRule')}
          required
          withAsterisk={false}
          data-autofocus
          autoCapitalize="none"
          value={username}
          onChange={(event) => {
            setUsername(event.currentTarget.value);
          }}
        />
        <TextInput
          label={t('admin:displayName')}
          required
          withAsterisk={false}
          value={displayName}
          onChange={(event) => {
            setDisplayName(event.currentTarget.value);
          }}
        />
        <Select
          label={t('admin:role')}
          data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
          value={role}
          allowDeselect={false}
          onChange={(value) => {
            setRole(roles.find((r) => r === value) ?? 'analyst');
          }}
        />
        <Select
          label={t('admin:unit')}
          description={t('admin:unitScope')}
          data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name || u.id }))}
          value={unit}
          onChange={setUnit}
          searchable
          clearable
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('admin:createUser')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function Users() {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const errorText = useErrorText();
  const { user: me } = useSession();
  const { data, error, isPending, refetch } = useQuery(usersQuery);
  const [creating, dialog] = useDisclosure();
  const [secret, setSecret] = useState<Secret>();
  const fail = (cause: unknown) => {
    const words = errorText(cause);
    toast({ color: 'red', title: words.title, message: words.remedy });
  };
  const reset = useMutation({
    mutationFn: (account: Account) =>
      call<{ oneTimePassword: string }>(`/users/${encodeURIComponent(account.id)}/reset-password`, { method: 'POST' }),
    onSuccess: ({ oneTimePassword }, account) => {
      setSecret({ username: account.username, password: oneTimePassword });
    },
    onError: fail,
  });
  const disable = useMutation({
    mutationFn: (account: Account) =>
      call(`/users/${encodeURIComponent(account.id)}`, { method: 'PATCH', body: { disabled: !account.disabled } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: usersQuery.queryKey }),
    onError: fail,
  });

  return (
    <>
      <div className={page.bar}>
        <Text size="sm" className="la-dim" style={{ flex: 1 }}>
          {t('admin:usersText')}
        </Text>
        <Button size="xs" leftSection={<IconUserPlus size={15} />} onClick={dialog.open}>
          {t('admin:newUser')}
        </Button>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={5} />}
      {data && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:tab.users')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('signin.username')}</th>
                <th>{t('admin:displayName')}</th>
                <th>{t('admin:role')}</th>
                <th>{t('admin:unit')}</th>
                <th>{t('admin:state')}</th>
                <th>
                  <span className="la-hidden">{t('admin:actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((account) => (
                <tr key={account.id}>
                  <td className="la-mono">{account.username}</td>
                  <td>{account.displayName}</td>
                  <td>{t(`role.${account.role}`)}</td>
                  <td>{account.unit || t('admin:allUnits')}</td>
                  <td>
                    <Badge tone={account.disabled ? 'informational' : 'ok'} round>
                      {account.disabled ? t('admin:disabled') : t('admin:enabled')}
                    </Badge>
                  </td>
                  <td>
                    <Group gap={6} justify="flex-end" wrap="nowrap">
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => {
                          reset.mutate(account);
                        }}
                      >
                        {t('admin:resetPassword')}
                      </Button>
                      {account.id !== me.id && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => {
                            disable.mutate(account);
                          }}
                        >
                          {account.disabled ? t('admin:enable') : t('admin:disable')}
                        </Button>
                      )}
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Dialog opened={creating} onClose={dialog.close} title={t('admin:newUser')}>
        <NewUser
          onCancel={dialog.close}
          onDone={(created) => {
            dialog.close();
            setSecret(created);
          }}
        />
      </Dialog>
      <Dialog
        opened={secret !== undefined}
        onClose={() => {
          setSecret(undefined);
        }}
        title={t('admin:oneTime')}
      >
        <Stack gap="sm">
          <Text size="sm">{t('admin:oneTimeText', { username: secret?.username ?? '' })}</Text>
          <Code text={secret?.password ?? ''} />
          <Alert variant="light" color="yellow" p="xs">
            {t('admin:shownOnce')}
          </Alert>
        </Stack>
      </Dialog>
    </>
  );
}
