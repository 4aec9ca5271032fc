import '../../i18n/incidents';

import { IconArrowLeft } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { useSession } from '../../app/session';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { toast } from '../../ui/toast';
import { Denied } from '../users/Denied';
import { OpenForm } from './OpenForm';

const route = getRouteApi('/incidents/new');

export function NewIncidentPage() {
  return (
    <Denied action="incident.open">
      <NewIncident />
    </Denied>
  );
}

/** Opens an incident by hand, or reports one of the own unit. */
function NewIncident() {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const own = user.unit !== centreUnit;
  const report = search.from === 'unit' || own;
  const unit = search.unit ?? (own ? user.unit : undefined);
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <Link to="/incidents" className={page.back}>
        <IconArrowLeft size={15} /> {t('page.back')}
      </Link>
      <PageHeader title={t(report ? 'open.reportTitle' : 'open.title')} />
      <div className={`la-card ${page.pad ?? ''}`}>
        <OpenForm
          {...(unit !== undefined && { begin: { unit } })}
          report={report}
          onCancel={() => void navigate({ to: '/incidents' })}
          onDone={(opened) => {
            toast({ message: t('open.done', { code: opened.code }) });
            void navigate({ to: '/incidents/$id', params: { id: opened.id } });
          }}
        />
      </div>
    </div>
  );
}
