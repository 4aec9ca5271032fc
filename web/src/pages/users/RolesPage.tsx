import '../../i18n/accounts';

import { Select, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

import { type Permissions, permissionsQuery } from '../../api/accountQueries';
import { FilterText } from '../../kit/filters';
import { matches } from '../../kit/text';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Denied } from './Denied';
import { byArea, type Permission, useActionWords } from './RoleSummary';
import css from './users.module.css';

const route = getRouteApi('/admin/roles');

export function RolesPage() {
  return (
    <Denied action="user.manage">
      <Roles />
    </Denied>
  );
}

/** Who may do what: the table in force, to be read before a role is given. */
function Roles() {
  const { t } = useTranslation(['translation', 'accounts']);
  const { q, role } = route.useSearch();
  const navigate = route.useNavigate();
  const words = useActionWords();
  const { data, error, isPending, refetch } = useQuery(permissionsQuery);
  const roles = data?.roles.filter((r) => role === undefined || r.role === role) ?? [];
  const items =
    data?.items.filter(
      (item) =>
        (role === undefined || item.roles.includes(role)) &&
        (q === undefined || matches(`${words.area(item.action)} ${words.action(item.action)} ${item.action}`, q)),
    ) ?? [];
  const go = (change: { q?: string | undefined; role?: string | undefined }) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.roles')} />
      <Text size="sm" mb="xs">
        {t('accounts:role.text')} {t('accounts:role.centreNote')}
      </Text>
      <section className="la-card" aria-label={t('nav.roles')}>
        <div className={page.bar}>
          <FilterText
            value={q}
            placeholder={t('accounts:role.find')}
            onChange={(text) => {
              go({ q: text });
            }}
          />
          <Select
            size="xs"
            className={css.rolePick}
            aria-label={t('accounts:role.only')}
            placeholder={t('accounts:role.all')}
            data={(data?.roles ?? []).map((r) => ({ value: r.role, label: t(`role.${r.role}`) }))}
            value={role ?? null}
            clearable
            onChange={(value) => {
              go({ role: value ?? undefined });
            }}
          />
        </div>
        {isPending && <Rows count={12} />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && <Matrix roles={roles} items={items} />}
      </section>
    </div>
  );
}

function Matrix({ roles, items }: { roles: Permissions['roles']; items: readonly Permission[] }) {
  const { t } = useTranslation(['translation', 'accounts']);
  const words = useActionWords();
  return (
    <div className={css.matrix} tabIndex={0} role="region" aria-label={t('nav.roles')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('accounts:role.action')}</th>
            {roles.map((r) => (
              <th key={r.role} scope="col">
                {t(`role.${r.role}`)}
                {!r.personal && <span className={css.sub}>{t('accounts:role.tokenOnly')}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {byArea(items, words.area).map(([area, own]) => (
            <Fragment key={area}>
              <tr className={css.area}>
                <th colSpan={roles.length + 1} scope="rowgroup">
                  {area}
                </th>
              </tr>
              {own.map((item) => (
                <tr key={item.action}>
                  <th scope="row">
                    {words.action(item.action)}
                    {item.centre && (
                      <>
                        {' '}
                        <abbr title={t('accounts:role.centre')}>*</abbr>
                      </>
                    )}
                    <span className={`${css.sub ?? ''} la-mono`}>{item.action}</span>
                  </th>
                  {roles.map((r) => (
                    <td key={r.role}>
                      {item.roles.includes(r.role) ? (
                        <IconCheck size={16} className={css.check} role="img" aria-label={t('accounts:role.may')} />
                      ) : (
                        <span className="la-hidden">{t('accounts:role.mayNot')}</span>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
