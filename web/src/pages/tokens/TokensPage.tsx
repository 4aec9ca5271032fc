import '../../i18n/accounts';

import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconBan, IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { revokeTokens, tokensChanged } from '../../api/accountQueries';
import { tokensQuery } from '../../api/queries';
import type { Token } from '../../api/types';
import { useActions } from '../../kit/actions';
import { sorted } from '../../kit/columns';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { by, collate, matches } from '../../kit/text';
import { type TokensParams, tokenStates } from '../../lib/accounts';
import { Code } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { withBelow } from '../units/tree';
import { Denied } from '../users/Denied';
import { useStepUp } from '../users/stepUp';
import { UnitPicker, useUnitNames } from '../users/UnitPicker';
import css from '../users/users.module.css';
import { Example } from './example';
import { LastUse, TokenMark } from './marks';
import { type Made, TokenForm } from './TokenForm';
import { TokenView } from './TokenView';

const route = getRouteApi('/admin/tokens');
const none: Token[] = [];
const part = 200;
const scopes = ['ingest', 'api'] as const;

const idOf = (token: Token) => token.id;
const nameOf = (token: Token) => token.name;
const pageOf = (token: Token) => `/admin/tokens/${encodeURIComponent(token.id)}`;

export function TokensPage() {
  return (
    <Denied action="token.manage">
      <Tokens />
    </Denied>
  );
}

function Tokens() {
  const { t } = useTranslation(['translation', 'accounts']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const query = useQuery(tokensQuery);
  const names = useUnitNames();
  const { guard, dialog } = useStepUp();
  const [made, setMade] = useState<Made>();
  const [revoking, setRevoking] = useState<Token[]>();
  const [limit, setLimit] = useState(part);
  const go = (change: Partial<TokensParams>, replace = true) => void navigate({ search: (old) => ({ ...old, ...change }), replace });

  const all = query.data?.items ?? none;
  const { q, unit, scope, state, sort } = params;
  const inScope = useMemo(() => {
    const units = unit === undefined ? undefined : unit === centreUnit ? new Set([unit]) : withBelow(names.units, unit);
    return all.filter(
      (token) =>
        (q === undefined || matches(`${token.name} ${token.createdBy}`, q)) &&
        (scope === undefined || token.scope === scope) &&
        (units === undefined || units.has(token.unit)),
    );
  }, [all, q, unit, scope, names.units]);
  const counts = Object.fromEntries(tokenStates.map((s) => [s, inScope.filter((token) => token.status === s).length]));
  const shown = state === undefined ? inScope : inScope.filter((token) => token.status === state);
  const columns: Column<Token>[] = [
    {
      id: 'name',
      name: t('accounts:token.name'),
      main: true,
      compare: by(nameOf),
      cell: (token) => (
        <>
          {token.name}
          {token.createdBy !== '' && <span className={css.sub}>{token.createdBy}</span>}
        </>
      ),
    },
    { id: 'unit', name: t('accounts:token.unit'), from: 'sm', compare: by((token) => names.name(token.unit)), cell: (token) => names.name(token.unit) },
    {
      id: 'scope',
      name: t('accounts:token.scope'),
      from: 'sm',
      compare: by((token) => token.scope),
      cell: (token) => (
        <>
          {t(`accounts:token.scopes.${token.scope}`)}
          {token.scope === 'api' && token.role && <span className={css.sub}>{t(`role.${token.role}`)}</span>}
        </>
      ),
    },
    { id: 'state', name: t('accounts:token.state'), cell: (token) => <TokenMark token={token} /> },
    {
      id: 'lastUsed',
      name: t('accounts:token.lastUsed'),
      from: 'md',
      greatestFirst: true,
      compare: (a, b) => collate(a.lastUsedAt ?? '', b.lastUsedAt ?? ''),
      cell: (token) => <LastUse token={token} />,
    },
    {
      id: 'expires',
      name: t('accounts:token.expires'),
      from: 'md',
      compare: (a, b) => collate(a.expiresAt ?? '9', b.expiresAt ?? '9'),
      cell: (token) => (token.expiresAt ? <Time at={token.expiresAt} /> : <span className="la-dim">{t('accounts:token.noExpiry')}</span>),
    },
  ];
  const ordered = sorted(shown, columns, sort);
  useActions([{ id: 'token new', name: t('accounts:token.new'), key: 'n', run: () => { go({ do: 'new' }); } }]);
  const add = (
    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { go({ do: 'new' }); }}>
      {t('accounts:token.new')}
    </Button>
  );
  return (
    <>
      <ListPage<Token>
        title={t('nav.tokens')}
        label={t('accounts:token.list')}
        tools={add}
        items={ordered.slice(0, limit)}
        id={idOf}
        name={nameOf}
        columns={columns}
        query={query}
        sort={sort}
        onSort={(next) => {
          go({ sort: next });
        }}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('accounts:token.find')}
              onChange={(text) => {
                go({ q: text });
              }}
            />
            <div className={css.unitPick}>
              <UnitPicker
                size="xs"
                aria-label={t('accounts:token.unit')}
                placeholder={t('accounts:user.anyUnit')}
                value={unit ?? null}
                clearable
                ended
                onChange={(value) => {
                  go({ unit: value ?? undefined });
                }}
              />
            </div>
            <FilterChips
              label={t('accounts:token.scopes.label')}
              values={scopes}
              chosen={scope ? [scope] : []}
              single
              name={(value) => t(`accounts:token.scopes.${value}`)}
              onChange={([next]) => {
                go({ scope: next });
              }}
            />
            <FilterChips
              label={t('accounts:token.states.label')}
              values={tokenStates}
              chosen={state ? [state] : []}
              single
              counts={query.data && counts}
              name={(value) => t(`accounts:token.states.${value}`)}
              onChange={([next]) => {
                go({ state: next });
              }}
            />
          </>
        }
        filtered={q !== undefined || unit !== undefined || scope !== undefined || state !== undefined}
        onClear={() => {
          go({ q: undefined, unit: undefined, scope: undefined, state: undefined });
        }}
        empty={
          <EmptyState
            icon={<IconKey size={34} />}
            title={t('accounts:token.none')}
            text={t('accounts:token.noneText')}
            steps={[t('accounts:token.step1'), t('accounts:token.step2'), t('accounts:token.step3')]}
          >
            {add}
          </EmptyState>
        }
        open={params.id}
        onOpen={(id) => {
          go({ id }, params.id !== undefined);
        }}
        panel={(id) => {
          const token = all.find((one) => one.id === id);
          return token && <TokenView key={id} token={token} />;
        }}
        page={pageOf}
        bulk={[
          {
            id: 'revoke',
            name: t('accounts:token.revoke'),
            look: 'danger',
            icon: <IconBan size={15} />,
            fits: (token) => !token.revoked,
            all: setRevoking,
          },
        ]}
        more={{
          has: ordered.length > limit,
          loading: false,
          load: () => {
            setLimit(limit + part);
          },
        }}
      />
      {params.do === 'new' && (
        <TokenForm
          onClose={() => {
            go({ do: undefined });
          }}
          onMade={setMade}
        />
      )}
      {made && (
        <MadeToken
          made={made}
          onClose={() => {
            setMade(undefined);
          }}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={t('accounts:token.revokeTitle')}
          text={t('accounts:token.revokeText', { names: revoking.map(nameOf).join(', ') })}
          confirm={t('accounts:token.revoke')}
          danger
          onConfirm={async () => {
            await guard(() => revokeTokens(revoking.map(idOf)));
            await tokensChanged(client);
            toast({ message: t('accounts:token.revoked', { count: revoking.length }) });
          }}
          onClose={() => {
            setRevoking(undefined);
          }}
        />
      )}
      {dialog}
    </>
  );
}

/** The secret, this once, and how it is used. */
function MadeToken({ made, onClose }: { made: Made; onClose: () => void }) {
  const { t } = useTranslation('accounts');
  return (
    <Dialog opened onClose={onClose} title={t('token.made')} size="lg" closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="sm">
        <Text size="sm">{t('token.madeText', { name: made.name })}</Text>
        <div data-testid="token-secret">
          <Code text={made.secret} wrap label={t('token.made')} />
        </div>
        <Alert variant="light" color="yellow" p="xs">
          {t('token.shownOnce')}
        </Alert>
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t('token.example')}
          </Text>
          <Example scope={made.scope} secret={made.secret} />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t('token.stored')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
