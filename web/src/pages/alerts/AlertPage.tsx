import { IconArrowLeft } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { usePageTitle } from '../../ui/PageHeader';
import css from './alerts.module.css';
import { AlertView } from './AlertView';

const route = getRouteApi('/alerts/$id');

export function AlertPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  usePageTitle(t('alerts.detail'));
  return (
    <div className={css.full}>
      <Link to="/alerts" className={css.back}>
        <IconArrowLeft size={15} /> {t('alerts.backToQueue')}
      </Link>
      <div className="la-card">
        <AlertView key={id} id={id} />
      </div>
    </div>
  );
}
