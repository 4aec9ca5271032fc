import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { alertQuery } from '../../api/queries';
import { usePageTitle } from '../../ui/PageHeader';
import css from './alerts.module.css';
import { AlertView } from './AlertView';
import { titleOf } from './names';

const route = getRouteApi('/alerts/$id');

export function AlertPage() {
  const { t, i18n } = useTranslation();
  const { id } = route.useParams();
  const router = useRouter();
  const { data } = useQuery(alertQuery(id));
  usePageTitle(data ? titleOf(data, i18n.language) : t('alerts.detail'));
  return (
    <div className={css.full}>
      <Link
        to="/alerts"
        className={css.back}
        onClick={(event) => {
          // The list as it was left, with its filters and its place.
          if (event.ctrlKey || event.metaKey || event.shiftKey || !router.history.canGoBack()) return;
          event.preventDefault();
          router.history.back();
        }}
      >
        <IconArrowLeft size={15} /> {t('alerts.backToQueue')}
      </Link>
      <div className="la-card">
        <AlertView key={id} id={id} />
      </div>
    </div>
  );
}
