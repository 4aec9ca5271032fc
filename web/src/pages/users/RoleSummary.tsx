import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { type Permissions, permissionsQuery } from '../../api/accountQueries';
import { ErrorState, Rows } from '../../ui/State';
import css from './users.module.css';

export type Permission = Permissions['items'][number];

/** The words of an action and of the part of the product it is about; a new one without words keeps its name. */
export function useActionWords() {
  const { t, i18n } = useTranslation('accounts');
  const known = (key: string) => i18n.exists(`accounts:${key}`);
  return {
    action: (name: string) => (known(`action.${name}`) ? t(`action.${name as 'alert.read'}`) : name),
    area: (name: string) => {
      const area = name.split('.')[0] ?? name;
      return known(`area.${area}`) ? t(`area.${area as 'alert'}`) : area;
    },
  };
}

/** Actions by the part of the product they are about. */
export function byArea(items: readonly Permission[], area: (action: string) => string): [string, Permission[]][] {
  const groups = new Map<string, Permission[]>();
  for (const item of items) groups.set(area(item.action), [...(groups.get(area(item.action)) ?? []), item]);
  return [...groups];
}

/** What somebody with the role may do; in a unit that is not the centre, less. */
export function RoleSummary({ role, unit }: { role: string; unit?: string | null }) {
  const { t } = useTranslation('accounts');
  const words = useActionWords();
  const { data, error, isPending, refetch } = useQuery(permissionsQuery);
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const own = data.items.filter((item) => item.roles.includes(role));
  const elsewhere = unit !== undefined && unit !== null && unit !== '' && unit !== centreUnit;
  return (
    <dl className={css.may}>
      {byArea(own, words.area).map(([area, items]) => (
        <div key={area}>
          <dt>{area}</dt>
          {items.map((item) => (
            <dd key={item.action} data-off={(elsewhere && item.centre) || undefined}>
              {words.action(item.action)}
              {elsewhere && item.centre && (
                <Text span size="xs" className="la-dim">
                  {' '}
                  ({t('role.notHere')})
                </Text>
              )}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
