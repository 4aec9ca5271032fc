import '../../i18n/accounts';
import '../../i18n/identity';

import { Button, Select } from '@mantine/core';
import { IconBan, IconLogout, IconPlayerPlay, IconTable, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { disableUsers, endSessions, usersChanged } from '../../api/accountQueries';
import { usersQuery } from '../../api/queries';
import type { Account } from '../../api/types';
import { useSession } from '../../app/session';
import { useActions } from '../../kit/actions';
import { runBulk } from '../../kit/bulk';
import { sorted } from '../../kit/columns';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type BulkAction, type Column, ListPage } from '../../kit/ListPage';
import { by, collate, matches } from '../../kit/text';
import { offerUndo } from '../../kit/undo';
import { accountStates, isIn, type UsersParams } from '../../lib/accounts';
import { formatNumber } from '../../lib/format';
import { LinkButton } from '../../ui/links';
import { Ago, useNow } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { withBelow } from '../units/tree';
import { Denied } from './Denied';
import { FactorMarks, NameMarks, StateMarks } from './marks';
import { type OneTime, OneTimePassword } from './OneTimePassword';
import { useStepUp } from './stepUp';
import { UnitPicker, useUnitNames } from './UnitPicker';
import { personalRoles, UserForm } from './UserForm';
import css from './users.module.css';
import { UserView } from './UserView';

const route = getRouteApi('/admin/users');
const none: Account[] = [];
const part = 200;
const named = 5;

const idOf = (user: Account) => user.id;
const nameOf = (user: Account) => user.displayName;
const pageOf = (user: Account) => `/admin/users/${encodeURIComponent(user.id)}`;

export function UsersPage() {
  return (
    <Denied action="user.manage">
      <Users />
    </Denied>
  );
}

function Users() {
  const { t, i18n } = useTranslation(['translation', 'accounts']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const now = useNow();
  const me = useSession().user;
  const query = useQuery(usersQuery);
  const names = useUnitNames();
  const { guard, dialog } = useStepUp();
  const [secret, setSecret] = useState<OneTime>();
  const [asked, setAsked] = useState<{ what: 'disable' | 'end'; users: Account[] }>();
  const [limit, setLimit] = useState(part);
  const go = (change: Partial<UsersParams>, replace = true) => void navigate({ search: (old) => ({ ...old, ...change }), replace });

  const all = query.data?.items ?? none;
  const { q, role, unit, state, sort } = params;
  const inScope = useMemo(() => {
    // The centre is above every unit; asked for, it means its own people.
    const units = unit === undefined ? undefined : unit === centreUnit ? new Set([unit]) : withBelow(names.units, unit);
    return all.filter(
      (u) =>
        (q === undefined || matches(`${u.displayName} ${u.username} ${u.mail}`, q)) &&
        (role === undefined || u.role === role) &&
        (units === undefined || units.has(u.unit)),
    );
  }, [all, q, role, unit, names.units]);
  const counts = Object.fromEntries(accountStates.map((s) => [s, inScope.filter((u) => isIn(s, u, now)).length]));
  const shown = state === undefined ? inScope : inScope.filter((u) => isIn(state, u, now));

  const columns: Column<Account>[] = [
    {
      id: 'name',
      name: t('accounts:user.name'),
      main: true,
      compare: by(nameOf),
      cell: (u) => (
        <>
          {u.displayName}
          <NameMarks user={u} />
          <span className={css.sub}>{u.username}</span>
        </>
      ),
    },
    { id: 'role', name: t('accounts:user.role'), from: 'sm', compare: by((u) => t(`role.${u.role}`)), cell: (u) => t(`role.${u.role}`) },
    { id: 'unit', name: t('accounts:user.unit'), from: 'md', compare: by((u) => names.name(u.unit)), cell: (u) => names.name(u.unit) },
    { id: 'state', name: t('accounts:user.state'), cell: (u) => <StateMarks user={u} /> },
    { id: 'factors', name: t('accounts:user.factors'), from: 'sm', cell: (u) => <FactorMarks user={u} /> },
    {
      id: 'lastSignIn',
      name: t('accounts:user.lastSignIn'),
      from: 'sm',
      greatestFirst: true,
      compare: (a, b) => collate(a.lastSignInAt ?? '', b.lastSignInAt ?? ''),
      cell: (u) => (u.lastSignInAt ? <Ago at={u.lastSignInAt} /> : <span className="la-dim">{t('accounts:user.never')}</span>),
    },
    {
      id: 'sessions',
      name: t('accounts:user.sessions'),
      from: 'lg',
      number: true,
      greatestFirst: true,
      compare: (a, b) => a.sessions - b.sessions,
      cell: (u) => formatNumber(u.sessions, i18n.language),
    },
  ];
  const ordered = sorted(shown, columns, sort ?? 'name');
  const setDisabled = async (users: readonly Account[], disabled: boolean) => {
    const ids = users.map(idOf);
    await guard(() => disableUsers(ids, disabled));
    void usersChanged(client);
    offerUndo(t(disabled ? 'accounts:user.disabledNow' : 'accounts:user.enabledNow', { count: ids.length }), () =>
      disableUsers(ids, !disabled).finally(() => void usersChanged(client)),
    );
  };
  const bulk: BulkAction<Account>[] = [
    {
      id: 'end',
      name: t('accounts:user.end'),
      icon: <IconLogout size={15} />,
      fits: (u) => u.sessions > 0,
      all: (users) => {
        setAsked({ what: 'end', users });
      },
    },
    {
      id: 'enable',
      name: t('accounts:user.enable'),
      icon: <IconPlayerPlay size={15} />,
      fits: (u) => u.disabled,
      all: (users) => void setDisabled(users, false),
    },
    {
      id: 'disable',
      name: t('accounts:user.disable'),
      look: 'danger',
      icon: <IconBan size={15} />,
      fits: (u) => !u.disabled && u.id !== me.id,
      all: (users) => {
        setAsked({ what: 'disable', users });
      },
    },
  ];
  useActions([{ id: 'user new', name: t('accounts:user.new'), key: 'n', run: () => { go({ do: 'new' }); } }]);
  const add = (
    <Button size="xs" leftSection={<IconUserPlus size={15} />} onClick={() => { go({ do: 'new' }); }}>
      {t('accounts:user.new')}
    </Button>
  );
  const listed = (users: readonly Account[]) =>
    users.slice(0, named).map(nameOf).join(', ') + (users.length > named ? ` ${t('accounts:policy.more', { count: users.length - named })}` : '');
  return (
    <>
      <ListPage<Account>
        title={t('nav.users')}
        label={t('accounts:user.list')}
        tools={
          <>
            <LinkButton to="/admin/roles" size="xs" variant="default" leftSection={<IconTable size={15} />}>
              {t('nav.roles')}
            </LinkButton>
            {add}
          </>
        }
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
              placeholder={t('accounts:user.find')}
              onChange={(text) => {
                go({ q: text });
              }}
            />
            <Select
              size="xs"
              className={css.rolePick}
              aria-label={t('accounts:user.role')}
              placeholder={t('accounts:user.anyRole')}
              data={personalRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
              value={role ?? null}
              clearable
              onChange={(value) => {
                go({ role: value ?? undefined });
              }}
            />
            <div className={css.unitPick}>
              <UnitPicker
                size="xs"
                aria-label={t('accounts:user.unit')}
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
              label={t('accounts:user.states.label')}
              values={accountStates}
              chosen={state ? [state] : []}
              single
              counts={query.data && counts}
              name={(value) => t(`accounts:user.states.${value}`)}
              onChange={([next]) => {
                go({ state: next });
              }}
            />
          </>
        }
        filtered={q !== undefined || role !== undefined || unit !== undefined || state !== undefined}
        onClear={() => {
          go({ q: undefined, role: undefined, unit: undefined, state: undefined });
        }}
        empty={
          <EmptyState
            icon={<IconUsers size={34} />}
            title={t('accounts:user.none')}
            text={t('accounts:user.noneText')}
            steps={[t('accounts:user.step1'), t('accounts:user.step2'), t('accounts:user.step3')]}
          >
            {add}
          </EmptyState>
        }
        open={params.id}
        onOpen={(id) => {
          go({ id }, params.id !== undefined);
        }}
        panel={(id) => {
          const user = all.find((u) => u.id === id);
          return user && <UserView key={id} user={user} />;
        }}
        page={pageOf}
        bulk={bulk}
        more={{
          has: ordered.length > limit,
          loading: false,
          load: () => {
            setLimit(limit + part);
          },
        }}
      />
      {params.do === 'new' && (
        <UserForm
          onClose={() => {
            go({ do: undefined });
          }}
          onMade={(_, made) => {
            setSecret(made);
          }}
        />
      )}
      {secret && (
        <OneTimePassword
          secret={secret}
          onClose={() => {
            setSecret(undefined);
          }}
        />
      )}
      {asked?.what === 'disable' && (
        <ConfirmDialog
          title={t('accounts:user.disableTitle')}
          text={t('accounts:user.disableText', { names: listed(asked.users) })}
          confirm={t('accounts:user.disable')}
          danger
          onConfirm={() => setDisabled(asked.users, true)}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
      {asked?.what === 'end' && (
        <ConfirmDialog
          title={t('accounts:user.endTitle')}
          text={t('accounts:user.endText', { names: listed(asked.users) })}
          confirm={t('accounts:user.end')}
          onConfirm={async () => {
            const { failed } = await runBulk(asked.users, { run: (u) => guard(() => endSessions(u.id)) });
            await usersChanged(client);
            if (failed[0]) throw failed[0].error;
            toast({ message: t('accounts:user.ended', { name: listed(asked.users) }) });
          }}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
      {dialog}
    </>
  );
}
