import { Alert, Button, Group, Text } from '@mantine/core';
import { IconDownload, IconFileZip, IconPencilPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { documentsChanged, draftDocument } from '../../api/documentQueries';
import { type DossierDetail, type DossierForm, dossierFormsQuery, dossierFormUrl, type DossierGap, dossierPackageUrl } from '../../api/dossierQueries';
import { useMay } from '../../app/session';
import { Badge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import css from './dossiers.module.css';

const DocumentsOf = lazy(() => import('../documents/DocumentsOf').then((m) => ({ default: m.DocumentsOf })));

/** The official papers of a dossier: those of this step first, with what each lacks. */
export function Papers({ dossier }: { dossier: DossierDetail }) {
  const { t } = useTranslation('dossiers');
  const may = useMay();
  const query = useQuery(dossierFormsQuery(dossier.id));
  const items = query.data?.items ?? [];
  return (
    <>
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm" className="la-dim">
          {t('papersText')}
        </Text>
        <Button component="a" href={dossierPackageUrl(dossier.id)} download size="xs" variant="default" leftSection={<IconFileZip size={15} />}>
          {t('package')}
        </Button>
      </Group>
      {query.isPending && <Rows count={4} />}
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {items.some((one) => one.verify) && (
        <Alert color="yellow" mb="xs">
          {t('papersVerify')}
        </Alert>
      )}
      <ul className={css.list} aria-label={t('sections.papers')}>
        {items.map((one) => (
          <Paper key={one.id} dossier={dossier} form={one} />
        ))}
      </ul>
      {may('document.read') && (
        <Suspense fallback={<Rows count={2} />}>
          <div className={css.drafts}>
            <DocumentsOf subject={{ kind: 'dossier', id: dossier.id }} unit={dossier.unit} />
          </div>
        </Suspense>
      )}
    </>
  );
}

function Paper({ dossier, form }: { dossier: DossierDetail; form: DossierForm }) {
  const { t, i18n } = useTranslation('dossiers');
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const name = i18n.language === 'vi' ? form.vi : form.en;
  const draft = useMutation({
    mutationFn: () => draftDocument({ template: form.id, subjectKind: 'dossier', subject: dossier.id }),
    onSuccess: async (made) => {
      void documentsChanged(client);
      await navigate({ to: '/documents/$id', params: { id: made.id } });
    },
  });
  return (
    <li>
      <span className={css.grow}>
        {name} {form.now && <Badge tone="ok">{t('thisStep')}</Badge>} {form.own !== '' && <Badge tone="low">{t('ownForm', { name: form.own })}</Badge>}
        {form.missing.length > 0 && (
          <details className={css.gaps}>
            <summary>{t('gaps', { count: form.missing.length })}</summary>
            <ul>
              {form.missing.map((gap) => (
                <li key={gap.field}>
                  <span lang="vi">{gap.name}</span> <Where gap={gap} dossier={dossier} />
                </li>
              ))}
            </ul>
          </details>
        )}
        {draft.error && <ErrorState error={draft.error} />}
      </span>
      <Group gap={6}>
        {(form.own === '' ? (['docx', 'pdf'] as const) : (['docx'] as const)).map((format) => (
          <Button
            key={format}
            component="a"
            href={dossierFormUrl(dossier.id, form.id, format)}
            download
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={14} />}
            aria-label={`${format.toUpperCase()}: ${name}`}
          >
            {format.toUpperCase()}
          </Button>
        ))}
        {may('document.draft') && (
          <Button size="compact-sm" variant="light" leftSection={<IconPencilPlus size={14} />} loading={draft.isPending} aria-label={`${t('draftPaper')}: ${name}`} onClick={() => { draft.mutate(); }}>
            {t('draftPaper')}
          </Button>
        )}
      </Group>
    </li>
  );
}

/** Where what is missing is filled in. */
function Where({ gap, dossier }: { gap: DossierGap; dossier: DossierDetail }) {
  const { t } = useTranslation('dossiers');
  switch (gap.where) {
    case 'system':
      return <Link to="/systems/$id" params={{ id: dossier.system }}>{t('where.system')}</Link>;
    case 'requirements':
      return <Link to="/systems/$id" params={{ id: dossier.system }} search={{ tab: 'requirements', level: dossier.level || undefined }}>{t('where.requirements')}</Link>;
    case 'inventory':
      return <Link to="/systems/$id" params={{ id: dossier.system }} search={{ tab: 'assets' }}>{t('where.inventory')}</Link>;
    case 'unit':
      return <Link to="/units">{t('where.unit')}</Link>;
    case 'letterhead':
      return <Link to="/documents" search={{ tab: 'templates' }}>{t('where.letterhead')}</Link>;
    case 'dossier':
      return <span className="la-dim">{t('where.dossier')}</span>;
    default:
      return null;
  }
}
