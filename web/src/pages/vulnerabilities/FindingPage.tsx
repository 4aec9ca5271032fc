import '../../i18n/vulnerabilities';

import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { findingQuery } from '../../api/vulnerabilityQueries';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { FindingBody } from './FindingBody';
import { nameOf } from './parts';

const route = getRouteApi('/vulnerabilities/$id');

/** One weakness at one place. */
export function FindingPage() {
  const { t } = useTranslation('vulnerabilities');
  const { id } = route.useParams();
  const { data } = useQuery(findingQuery(id));
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <PageHeader title={data ? nameOf(data) : t('list')}>
        <LinkButton to="/vulnerabilities" size="xs" variant="default">
          {t('tools.findings')}
        </LinkButton>
      </PageHeader>
      <FindingBody id={id} />
    </div>
  );
}
