import '../../i18n/documents';

import { Button, Group, Text } from '@mantine/core';
import { IconArrowLeft, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentQuery, type DocumentDetail, type DocumentVerb, fileAddress, previewQuery } from '../../api/documentQueries';
import { DrillBand } from '../../kit/Drill';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { DocumentForm } from './DocumentForm';
import css from './documents.module.css';
import { DocumentMarks } from './marks';
import { PaperView } from './PaperView';
import { StepDialog } from './StepDialog';

const route = getRouteApi('/documents/$id');
const verbs: readonly DocumentVerb[] = ['submit', 'approve', 'return', 'send', 'acknowledge', 'withdraw'];

/** One document: its text beside how it will look, and the steps it takes. */
export function DocumentPage() {
  const { t } = useTranslation('documents');
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(documentQuery(id));
  return (
    <div className={page.page} data-full>
      <Link to="/documents" className={page.back}>
        <IconArrowLeft size={15} /> {t('back')}
      </Link>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!error && !data && <Rows count={12} />}
      {data && <Loaded document={data} />}
    </div>
  );
}

function Loaded({ document: d }: { document: DocumentDetail }) {
  const { t } = useTranslation('documents');
  const [verb, setVerb] = useState<DocumentVerb>();
  const preview = useQuery(previewQuery(d.id, d.version));
  const may = verbs.filter((v) => d.may.includes(v));
  const missing = preview.data?.missing ?? [];
  return (
    <>
      <PageHeader title={`${d.code || t('noNumber')} ${d.title}`}>
        <Group gap={6}>
          {may.map((v) => (
            <Button key={v} size="xs" variant={v === 'approve' || v === 'send' ? 'filled' : 'default'} onClick={() => { setVerb(v); }}>
              {t(`verb.${v}`)}
            </Button>
          ))}
          {(['docx', 'pdf'] as const)
            .filter((format) => format === 'docx' || !d.own)
            .map((format) => (
              <Button key={format} size="xs" variant="default" component="a" href={fileAddress(d.id, format)} download leftSection={<IconDownload size={15} />}>
                {t(format)}
              </Button>
            ))}
        </Group>
      </PageHeader>
      {d.drill && <DrillBand text={t('drillText')} />}
      <Group gap="sm" mb="sm">
        <DocumentMarks of={d} />
        {d.subject.kind === 'drill' && (
          <Link to="/drills/$id" params={{ id: d.subject.id }}>
            {d.subject.title}
          </Link>
        )}
        {d.subject.kind === 'dossier' && (
          <Link to="/dossiers/$id" params={{ id: d.subject.id }}>
            {d.subject.code}
          </Link>
        )}
        {d.subject.kind === 'incident' && (
          <Link to="/incidents/$id" params={{ id: d.subject.id }}>
            {d.subject.code}
          </Link>
        )}
        {d.subject.kind === 'warning' && <SubjectWarning id={d.subject.id} code={d.subject.code} />}
      </Group>
      <div className={css.split}>
        <div>
          {d.may.includes('edit') ? <DocumentForm key={d.version} document={d} missing={missing} /> : <Summary document={d} />}
        </div>
        <section aria-label={t('preview')}>
          {preview.isPending && <Rows count={14} />}
          {preview.error && <ErrorState error={preview.error} retry={() => void preview.refetch()} />}
          {preview.data && <PaperView paper={preview.data} />}
        </section>
      </div>
      {verb && <StepDialog document={d} verb={verb} missing={missing} onClose={() => { setVerb(undefined); }} />}
    </>
  );
}

/** To whom it goes and what was done about it. */
/** The warning, or the unit's copy of it, which is what <id>/<unit> names. */
function SubjectWarning({ id, code }: { id: string; code: string }) {
  const [warning = '', unit] = id.split('/');
  return unit === undefined ? (
    <Link to="/warnings/$id" params={{ id: warning }}>
      {code}
    </Link>
  ) : (
    <Link to="/warnings/$id/$of" params={{ id: warning, of: unit }}>
      {code}
    </Link>
  );
}

function Summary({ document: d }: { document: DocumentDetail }) {
  const { t } = useTranslation('documents');
  return (
    <div className={`la-card ${css.item ?? ''}`}>
      <Text fw={600}>{t('recipients')}</Text>
      <ul>
        {d.recipients.map((r, i) => (
          <li key={i} className="la-wrap">
            {r.name}: {r.address || t('noAddress')}
          </li>
        ))}
      </ul>
      {d.hash && (
        <Text size="xs" className="la-mono la-wrap">
          {t('hash')}: {d.hash}
        </Text>
      )}
      <Text fw={600} mt="sm">
        {t('history')}
      </Text>
      <ul>
        {d.steps.map((s) => (
          <li key={s.id} className="la-wrap">
            {t(`did.${s.verb as DocumentVerb}`)}, <Time at={s.at} />, {s.by.displayName}
            {[s.receiver, s.receipt, s.note].filter(Boolean).map((text) => ` · ${text}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}
