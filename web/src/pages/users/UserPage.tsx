import '../../i18n/accounts';
import '../../i18n/identity';

import { Title } from '@mantine/core';
import { IconArrowLeft, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { usersQuery } from '../../api/queries';
import { usePageTitle } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Denied } from './Denied';
import { NameMarks } from './marks';
import css from './users.module.css';
import { UserView } from './UserView';

const route = getRouteApi('/admin/users/$id');

export function UserPage() {
  return (
    <Denied action="user.manage">
      <User />
    </Denied>
  );
}

function User() {
  const { t } = useTranslation(['translation', 'accounts']);
  const { id } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(usersQuery);
  const user = data?.items.find((u) => u.id === id);
  usePageTitle(user?.displayName ?? t('nav.users'));
  return (
    <div className={css.full}>
      <Link to="/admin/users" className={page.back}>
        <IconArrowLeft size={15} /> {t('accounts:user.back')}
      </Link>
      <div className={`la-card ${page.pad ?? ''}`}>
        {isPending && <Rows count={8} />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !user && <EmptyState icon={<IconUserOff size={34} />} title={t('accounts:user.gone')} text={t('accounts:user.goneText')} />}
        {user && (
          <>
            <Title order={1} mb="sm">
              {user.displayName}
              <NameMarks user={user} />
            </Title>
            <UserView key={id} user={user} />
          </>
        )}
      </div>
    </div>
  );
}
