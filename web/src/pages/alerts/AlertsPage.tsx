import '../../i18n/triage';

import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { useActions } from '../../kit/actions';
import { type AlertsParams, toView, views } from '../../lib/alertsParams';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { Rows } from '../../ui/State';
import css from './alerts.module.css';
import { Queue } from './Queue';

const GroupQueue = lazy(() => import('./GroupQueue').then((m) => ({ default: m.GroupQueue })));

const route = getRouteApi('/alerts');

/** The alerts, one by one or in groups; the address keeps everything that is chosen. */
export function AlertsPage() {
  const { t } = useTranslation(['translation', 'triage']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const view = params.view ?? 'queue';
  const change = (next: Partial<AlertsParams>, replace = false) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  useActions(
    views.map((value, i) => ({
      id: `view ${value}`,
      name: `${t('triage:view.label')}: ${t(`triage:view.${value}`)}`,
      key: String(i + 1),
      run: () => void navigate({ search: toView(params, value) }),
    })),
  );
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.alerts')}>
        <LinkButton to="/today" variant="default" size="xs">
          {t('nav.today')}
        </LinkButton>
      </PageHeader>
      <nav className={css.views} aria-label={t('triage:view.label')}>
        {views.map((value) => (
          <Link
            key={value}
            to="/alerts"
            search={toView(params, value)}
            className={css.view}
            activeOptions={{ exact: true, includeSearch: false }}
            aria-current={view === value ? 'page' : undefined}
            data-on={view === value || undefined}
          >
            {t(`triage:view.${value}`)}
          </Link>
        ))}
      </nav>
      {view === 'campaign' || view === 'unit' ? (
        <Suspense fallback={<Rows count={10} />}>
          <GroupQueue key={view} by={view} params={params} change={change} />
        </Suspense>
      ) : (
        <Queue key={view} view={view} params={params} change={change} />
      )}
    </div>
  );
}
