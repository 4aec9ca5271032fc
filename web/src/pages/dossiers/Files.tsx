import { Button, FileInput, Group, Select, Text, TextInput } from '@mantine/core';
import { IconDownload, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addDossierFile, type DossierDetail, type DossierFile, dossierFileUrl, levelsQuery, removeDossierFile, reusableQuery, reuseDossierFile } from '../../api/dossierQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { Signed } from '../../kit/Signed';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import css from './dossiers.module.css';
import { dayText } from './marks';

function useParts() {
  const { i18n } = useTranslation('dossiers');
  const parts = useQuery(levelsQuery).data?.parts ?? [];
  const name = (id: string) => {
    const part = parts.find((one) => one.id === id);
    return part ? (i18n.language === 'vi' ? part.vi : part.en) : id;
  };
  return { parts, name };
}

/** The parts of a dossier: which are there, which are missing, and the files. */
export function Files({ dossier, editable }: { dossier: DossierDetail; editable: boolean }) {
  const { t, i18n } = useTranslation('dossiers');
  const client = useQueryClient();
  const { parts, name } = useParts();
  const [doing, setDoing] = useState<'add' | 'reuse'>();
  const [removing, setRemoving] = useState<DossierFile>();
  const made = new Set(parts.filter((one) => one.made).map((one) => one.id));
  return (
    <>
      <ul className={css.list} aria-label={t('sections.files')}>
        {dossier.checklist.map((item) => (
          <li key={item.part}>
            <span className={css.grow}>
              {name(item.part)}
              {made.has(item.part) && <Text size="xs" className="la-dim">{t('made')}</Text>}
              {item.lacks.length > 0 && (
                <Text size="xs">
                  {t('lacks', { what: item.lacks.map((one) => (i18n.language === 'vi' ? one.vi : one.en)).join(', ') })}{' '}
                  <Link to="/systems/$id" params={{ id: dossier.system }}>{t('where.system')}</Link>
                </Text>
              )}
            </span>
            <Badge tone={item.ok ? 'ok' : 'high'}>{t(item.why === 'gaps' ? 'missing' : item.why)}</Badge>
          </li>
        ))}
      </ul>
      <ul className={css.list} aria-label={t('file')}>
        {dossier.files.length === 0 && <li className="la-dim">{t('noFiles')}</li>}
        {dossier.files.map((file) => (
          <li key={file.id}>
            <span className={css.grow}>
              <a href={dossierFileUrl(dossier.id, file.id)} download={file.name}>
                <IconDownload size={14} aria-hidden /> {file.name}
              </a>
              <div className={`la-dim ${css.hash ?? ''}`}>
                {name(file.part)}
                {file.expires !== '' && `, ${t('until', { day: dayText(file.expires) })}`}, {t('hash', { hash: file.sha256.slice(0, 16) })}
              </div>
              <Signed file={file} />
            </span>
            {file.expired && <Badge tone="high">{t('expired')}</Badge>}
            {editable && (
              <Button size="compact-sm" variant="subtle" onClick={() => { setRemoving(file); }}>
                {t('remove')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {editable && (
        <Group gap="xs" mt="sm">
          <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setDoing('add'); }}>
            {t('addFile')}
          </Button>
          <Button size="xs" variant="default" onClick={() => { setDoing('reuse'); }}>
            {t('reuse')}
          </Button>
        </Group>
      )}
      {doing === 'add' && <AddFile id={dossier.id} onClose={() => { setDoing(undefined); }} />}
      {doing === 'reuse' && <Reuse id={dossier.id} onClose={() => { setDoing(undefined); }} />}
      {removing && (
        <ConfirmDialog
          title={`${t('remove')}: ${removing.name}`}
          text={t('removeText')}
          confirm={t('remove')}
          onConfirm={() => removeDossierFile(client, dossier.id, removing.id)}
          onClose={() => { setRemoving(undefined); }}
        />
      )}
    </>
  );
}

function AddFile({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('dossiers');
  const client = useQueryClient();
  const { parts, name } = useParts();
  const [file, setFile] = useState<File | null>(null);
  const [part, setPart] = useState<string | null>(null);
  const [expires, setExpires] = useState('');
  const add = useMutation({
    mutationFn: async () => {
      if (file && part !== null) await addDossierFile(client, id, file, part, expires);
    },
    onSuccess: onClose,
  });
  const fieldError = useFieldErrors(add.error);
  return (
    <Dialog opened onClose={onClose} title={t('addFile')}>
      <Form error={add.error} fields={['part', 'expires']} submit={t('addFile')} busy={add.isPending} disabled={file === null || part === null} onCancel={onClose} onSubmit={() => { add.mutate(); }}>
        <Select label={t('part')} data={parts.filter((one) => !one.made).map((one) => ({ value: one.id, label: name(one.id) }))} value={part} error={fieldError('part')} onChange={setPart} />
        <FileInput label={t('file')} value={file} onChange={setFile} />
        <TextInput label={t('expires')} description={t('expiresHint')} type="date" value={expires} error={fieldError('expires')} onChange={(event) => { setExpires(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}

function Reuse({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('dossiers');
  const client = useQueryClient();
  const { name } = useParts();
  const query = useQuery(reusableQuery(id));
  const use = useMutation({ mutationFn: (file: DossierFile) => reuseDossierFile(client, id, file.id, file.part), onSuccess: onClose });
  return (
    <Dialog opened onClose={onClose} title={t('reuse')} size="lg">
      <Text size="sm">{t('reuseText')}</Text>
      {query.isPending && <Rows count={3} />}
      {query.error && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {use.error && <ErrorState error={use.error} />}
      <ul className={css.list}>
        {query.data?.items.length === 0 && <li className="la-dim">{t('reuseNone')}</li>}
        {query.data?.items.map((file) => (
          <li key={file.id}>
            <span className={css.grow}>
              {file.name}
              <div className={`la-dim ${css.hash ?? ''}`}>
                {name(file.part)}
                {file.expires !== '' && `, ${t('until', { day: dayText(file.expires) })}`}
              </div>
            </span>
            <Button size="compact-sm" variant="light" loading={use.isPending && use.variables.id === file.id} onClick={() => { use.mutate(file); }}>
              {t('use')}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
