import '../../i18n/accounts';

import { Title } from '@mantine/core';
import { IconArrowLeft, IconKeyOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { tokensQuery } from '../../api/queries';
import { usePageTitle } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Denied } from '../users/Denied';
import css from '../users/users.module.css';
import { TokenView } from './TokenView';

const route = getRouteApi('/admin/tokens/$id');

export function TokenPage() {
  return (
    <Denied action="token.manage">
      <One />
    </Denied>
  );
}

function One() {
  const { t } = useTranslation(['translation', 'accounts']);
  const { id } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(tokensQuery);
  const token = data?.items.find((one) => one.id === id);
  usePageTitle(token?.name ?? t('nav.tokens'));
  return (
    <div className={css.full}>
      <Link to="/admin/tokens" className={page.back}>
        <IconArrowLeft size={15} /> {t('accounts:token.back')}
      </Link>
      <div className={`la-card ${page.pad ?? ''}`}>
        {isPending && <Rows count={8} />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !token && <EmptyState icon={<IconKeyOff size={34} />} title={t('accounts:token.gone')} text={t('accounts:token.goneText')} />}
        {token && (
          <>
            <Title order={1} mb="sm">
              {token.name}
            </Title>
            <TokenView key={id} token={token} />
          </>
        )}
      </div>
    </div>
  );
}
