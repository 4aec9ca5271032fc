import { MultiSelect, NumberInput, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { changeToken, createToken, permissionsQuery, tokensChanged, type TokenValues } from '../../api/accountQueries';
import type { Token } from '../../api/types';
import { Form, useFieldErrors } from '../../kit/Form';
import { matches } from '../../kit/text';
import { offerUndo } from '../../kit/undo';
import { readNetworks } from '../../lib/networks';
import { Dialog } from '../../ui/Dialog';
import { useActionWords } from '../users/RoleSummary';
import { useStepUp } from '../users/stepUp';
import { UnitPicker } from '../users/UnitPicker';

export interface Made {
  name: string;
  scope: Token['scope'];
  secret: string;
}

interface Props {
  /** The token to change; nothing for a new one. */
  token?: Token;
  onClose: () => void;
  onMade?: (made: Made) => void;
}

const longest = { api: 365, ingest: 3650 } as const;
const usual = { api: 90, ingest: 365 } as const;
const mostNetworks = 20;
const dayMs = 86_400_000;

/** A new token, or what of a token may change: name, role, actions, addresses, end. */
export function TokenForm({ token, onClose, onMade }: Props) {
  const { t } = useTranslation(['translation', 'accounts']);
  const client = useQueryClient();
  const words = useActionWords();
  const { guard, dialog } = useStepUp();
  const permissions = useQuery(permissionsQuery).data;
  const [scope, setScope] = useState<Token['scope']>(token?.scope ?? 'ingest');
  const [name, setName] = useState(token?.name ?? '');
  const [unit, setUnit] = useState<string>(token?.unit ?? '');
  const [role, setRole] = useState<string>(token?.role ?? 'service');
  const [actions, setActions] = useState<string[]>(token?.actions ?? []);
  const [addresses, setAddresses] = useState((token?.networks ?? []).join('\n'));
  const [days, setDays] = useState<number | string>(token ? '' : usual.ingest);

  const { networks, wrong } = readNetworks(addresses);
  const possible = (of: string) =>
    (permissions?.items ?? []).filter((item) => item.roles.includes(of) && (!item.centre || unit === centreUnit || unit === '')).map((item) => item.action);
  const networkError =
    wrong.length > 0
      ? wrong.map(({ line, text }) => t('accounts:token.networkWrong', { line, text })).join('. ')
      : networks.length > mostNetworks
        ? t('accounts:token.networksMany')
        : undefined;
  const api = scope === 'api';
  const values: TokenValues = {
    name: name.trim(),
    ...(api && { role, actions, networks }),
    ...(typeof days === 'number' && (api || !token) && { expiresInDays: days }),
  };
  const save = useMutation({
    mutationFn: () =>
      guard(async () => {
        if (!token) {
          const made = await createToken({ ...values, unit, scope });
          onMade?.({ name: made.name, scope, secret: made.token });
          return;
        }
        await changeToken(token.id, values);
        const left = token.expiresAt === undefined ? undefined : Math.max(1, Math.ceil((Date.parse(token.expiresAt) - Date.now()) / dayMs));
        const before: TokenValues = {
          name: token.name,
          ...(api && { role: token.role, actions: token.actions, networks: token.networks }),
          ...(values.expiresInDays !== undefined && { expiresInDays: left }),
        };
        offerUndo(t('accounts:token.saved', { name: values.name }), () => changeToken(token.id, before).finally(() => void tokensChanged(client)));
      }),
    onSuccess: () => {
      void tokensChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={token ? t('accounts:token.editOf', { name: token.name }) : t('accounts:token.new')}>
      <Form
        error={save.error}
        fields={['name', 'unit', 'scope', 'role', 'actions', 'networks', 'expiresInDays']}
        submit={token ? t('accounts:token.save') : t('accounts:token.create')}
        busy={save.isPending}
        disabled={unit === '' || (api && networkError !== undefined)}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        {!token && (
          <Radio.Group
            label={t('accounts:token.scope')}
            value={scope}
            onChange={(value) => {
              const next = value === 'api' ? 'api' : 'ingest';
              setScope(next);
              setDays(usual[next]);
            }}
          >
            <Stack gap={6} mt={4}>
              {(['ingest', 'api'] as const).map((value) => (
                <Radio key={value} value={value} label={t(`accounts:token.scopes.${value}`)} description={t(`accounts:token.scopeText.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <TextInput
          label={t('accounts:token.name')}
          name="token-name"
          placeholder={t('accounts:token.nameExample')}
          required
          withAsterisk={false}
          data-autofocus
          autoComplete="off"
          maxLength={200}
          error={fieldError('name')}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        {!token && (
          <UnitPicker
            label={t('accounts:token.unit')}
            description={t('accounts:token.unitText')}
            value={unit || null}
            required
            error={fieldError('unit')}
            onChange={(id) => {
              setUnit(id ?? '');
              setActions([]);
            }}
          />
        )}
        {api && (
          <>
            <Select
              label={t('accounts:token.role')}
              data={(permissions?.roles ?? []).filter((r) => r.token).map((r) => ({ value: r.role, label: t(`role.${r.role}`) }))}
              value={role}
              allowDeselect={false}
              error={fieldError('role')}
              onChange={(value) => {
                if (value === null) return;
                setRole(value);
                const may = possible(value);
                setActions((old) => old.filter((action) => may.includes(action)));
              }}
            />
            <MultiSelect
              label={t('accounts:token.actions')}
              description={t('accounts:token.actionsText')}
              placeholder={actions.length === 0 ? t('accounts:token.actionsAll') : undefined}
              data={possible(role).map((value) => ({ value, label: words.action(value) }))}
              value={actions}
              onChange={setActions}
              searchable
              hidePickedOptions
              filter={({ options, search }) => options.filter((option) => 'value' in option && matches(`${option.label} ${option.value}`, search))}
              error={fieldError('actions')}
            />
            <Textarea
              label={t('accounts:token.networks')}
              description={t('accounts:token.networksText')}
              name="networks"
              autosize
              minRows={2}
              maxRows={8}
              spellCheck={false}
              placeholder={'198.51.100.0/24\n2001:db8::/32'}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              error={networkError ?? fieldError('networks')}
              value={addresses}
              onChange={(event) => {
                setAddresses(event.currentTarget.value);
              }}
            />
          </>
        )}
        {(api || !token) && (
          <NumberInput
            label={token ? t('accounts:token.extend') : t('accounts:token.expiresIn')}
            description={token ? t('accounts:token.extendText') : t(`accounts:token.expiresText.${scope}`)}
            name="days"
            min={1}
            max={longest[scope]}
            allowDecimal={false}
            allowNegative={false}
            required={!token}
            withAsterisk={false}
            error={fieldError('expiresInDays')}
            value={days}
            onChange={setDays}
          />
        )}
      </Form>
      {dialog}
    </Dialog>
  );
}
