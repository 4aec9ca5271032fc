import { Button, FileInput, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  type Addressee,
  addresseesQuery,
  documentChannels,
  documentsChanged,
  type DocumentTemplate,
  dropTemplate,
  type Letterhead,
  letterheadQuery,
  saveAddressee,
  replacing,
  saveLetterhead,
  templateName,
  templatesChanged,
  templatesQuery,
  uploadTemplate,
} from '../../api/documentQueries';
import { useMay, useSession } from '../../app/session';
import { Form } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from './documents.module.css';

/** What documents are made of: templates, the layout of the unit, addresses. */
export function TemplatesTab() {
  const { t, i18n } = useTranslation('documents');
  const may = useMay();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(templatesQuery);
  const drop = useMutation({ mutationFn: dropTemplate, onSuccess: () => templatesChanged(client) });
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Rows count={8} />;
  const manage = may('document.manage');
  // Which stands in place of which.
  const place = (x: DocumentTemplate) => {
    const by = replacing(data.items, x.id);
    if (by) return t('replacedBy', { name: by.name });
    const of = data.items.find((one) => one.id === x.replaces);
    return of ? t('replacesName', { name: templateName(of, i18n.language) }) : '';
  };
  return (
    <div className={css.split}>
      <Stack>
        <ul className={css.items}>
          {data.items.map((x) => (
            <li key={x.id} className={`la-card ${css.item ?? ''}`}>
              <Group justify="space-between" gap="xs">
                <span className="la-wrap">
                  <Text>{templateName(x, i18n.language)}</Text>
                  {place(x) !== '' && (
                    <Text size="sm" className="la-dim">
                      {place(x)}
                    </Text>
                  )}
                </span>
                <Group gap={6}>
                  {x.verify && !replacing(data.items, x.id) && <Badge tone="medium">{t('toVerify')}</Badge>}
                  <Badge tone={x.own ? 'low' : 'informational'}>{t(x.own ? 'own' : 'shipped')}</Badge>
                  {x.own && manage && (
                    <Button size="compact-xs" variant="default" loading={drop.isPending} onClick={() => { drop.mutate(x.id); }}>
                      {t('drop')}
                    </Button>
                  )}
                </Group>
              </Group>
            </li>
          ))}
        </ul>
        {manage && <Upload templates={data.items} lists={data.fields.filter((f) => f.columns.length > 0).map((f) => f.id)} />}
        <details>
          <summary>{t('fields')}</summary>
          <ul>
            {data.fields.map((f) => (
              <li key={f.id}>
                <code>{f.id}</code> <span lang="vi">{f.vi}</span>
                {f.columns.length > 0 && ` (${t('listField')})`}
              </li>
            ))}
          </ul>
        </details>
      </Stack>
      {manage && (
        <Stack>
          <LetterheadCard />
          <Addresses />
        </Stack>
      )}
    </div>
  );
}

function Upload({ templates, lists }: { templates: DocumentTemplate[]; lists: string[] }) {
  const { t, i18n } = useTranslation('documents');
  const client = useQueryClient();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [symbol, setSymbol] = useState('');
  const [replaces, setReplaces] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: (chosen: File) => uploadTemplate(id, name, symbol, replaces, chosen),
    onSuccess: async (kept) => {
      if (kept.problems.length > 0) return;
      toast({ message: t('uploaded') });
      await templatesChanged(client);
    },
  });
  const problems = send.data?.problems ?? [];
  // The id of a template there is means its next version, which begins with what this one says.
  const chooseId = (next: string) => {
    setId(next);
    const last = templates.find((x) => x.own && x.id === next);
    if (!last) return;
    setName(last.name);
    setSymbol(last.symbol);
    setReplaces(last.replaces);
  };
  return (
    <section className={`la-card ${css.item ?? ''}`} aria-label={t('upload')}>
      <Title order={3} size="h5">
        {t('upload')}
      </Title>
      <Text size="sm" mb="xs">
        {t('uploadText')}
      </Text>
      <Form error={send.error} submit={t('upload')} busy={send.isPending} disabled={file === null || id === '' || name === ''} onSubmit={() => { if (file) send.mutate(file); }}>
        <TextInput label={t('uploadId')} maxLength={48} value={id} onChange={(e) => { chooseId(e.currentTarget.value); }} />
        <TextInput label={t('uploadName')} maxLength={200} value={name} onChange={(e) => { setName(e.currentTarget.value); }} />
        <Select
          label={t('uploadReplaces')}
          description={t('uploadReplacesHint')}
          placeholder={t('replacesNone')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('replacesNone') }}
          data={templates
            .filter((x) => !x.own && (replacing(templates, x.id)?.id ?? id) === id)
            .map((x) => ({ value: x.id, label: templateName(x, i18n.language) }))}
          value={replaces === '' ? null : replaces}
          onChange={(chosen) => {
            setReplaces(chosen ?? '');
            setSymbol(templates.find((x) => x.id === chosen)?.symbol ?? symbol);
          }}
        />
        <TextInput label={t('uploadSymbol')} maxLength={10} value={symbol} onChange={(e) => { setSymbol(e.currentTarget.value); }} />
        <FileInput label={t('file')} accept=".docx" value={file} onChange={setFile} />
      </Form>
      {problems.length > 0 && (
        <div role="alert">
          <Text fw={600} mt="sm">
            {t('problems')}
          </Text>
          <ul>
            {problems.map((p, i) => (
              <li key={i}>
                {t('problemField', { field: p.field, line: p.line })}
                {lists.includes(p.field) && `: ${t('listField')}`}
                {p.nearest.length > 0 && `; ${t('nearest', { list: p.nearest.join(', ') })}`}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function LetterheadCard() {
  const { user } = useSession();
  const { data, error, refetch } = useQuery(letterheadQuery(user.unit));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  return data ? <LetterheadForm key={data.version} unit={user.unit} saved={data} /> : <Rows count={5} />;
}

function LetterheadForm({ unit, saved }: { unit: string; saved: Letterhead }) {
  const { t } = useTranslation('documents');
  const client = useQueryClient();
  const [head, setHead] = useState(saved);
  const save = useMutation({
    mutationFn: () => saveLetterhead(unit, head),
    onSuccess: async () => {
      toast({ message: t('savedLetterhead') });
      await documentsChanged(client);
    },
  });
  return (
    <section className={`la-card ${css.item ?? ''}`} aria-label={t('letterhead')}>
      <Title order={3} size="h5">
        {t('letterhead')}
      </Title>
      <Form error={save.error} submit={t('saveLetterhead')} busy={save.isPending} onSubmit={() => { save.mutate(); }}>
        {(['parent', 'agency', 'short', 'place', 'signer', 'archive'] as const).map((name) => (
          <TextInput key={name} label={t(`field.${name}`)} maxLength={200} value={head[name]} onChange={(e) => { const value = e.currentTarget.value; setHead((old) => ({ ...old, [name]: value })); }} />
        ))}
        <Textarea label={t('field.signLines')} autosize value={head.signLines.join('\n')} onChange={(e) => { const value = e.currentTarget.value; setHead((old) => ({ ...old, signLines: value.split('\n') })); }} />
      </Form>
    </section>
  );
}

function Addresses() {
  const { t, i18n } = useTranslation('documents');
  const { data } = useQuery(addresseesQuery);
  return (
    <section className={`la-card ${css.item ?? ''}`} aria-label={t('addresses')}>
      <Title order={3} size="h5">
        {t('addresses')}
      </Title>
      {!data && <Rows count={5} />}
      {data?.items.map((a) => (
        <details key={a.id}>
          <summary>
            {i18n.language === 'vi' ? a.vi : a.name}: {a.address || t('noAddress')}
          </summary>
          <AddressForm key={a.version} saved={a} />
        </details>
      ))}
    </section>
  );
}

function AddressForm({ saved }: { saved: Addressee }) {
  const { t } = useTranslation('documents');
  const client = useQueryClient();
  const [a, setA] = useState(saved);
  const save = useMutation({
    mutationFn: () => saveAddressee(a),
    onSuccess: async () => {
      toast({ message: t('savedAddress') });
      await client.invalidateQueries({ queryKey: ['recipients'] });
      await documentsChanged(client);
    },
  });
  return (
    <Form error={save.error} submit={t('saveAddress')} busy={save.isPending} onSubmit={() => { save.mutate(); }}>
      <TextInput label={t('recipientAddress')} maxLength={200} value={a.address} onChange={(e) => { const address = e.currentTarget.value; setA((old) => ({ ...old, address })); }} />
      <Select
        label={t('channel')}
        data={documentChannels.filter((c) => c !== 'exercise').map((value) => ({ value, label: t(`channels.${value}`) }))}
        value={a.channel === '' ? null : a.channel}
        onChange={(value) => { setA((old) => ({ ...old, channel: documentChannels.find((c) => c === value) ?? '' })); }}
      />
    </Form>
  );
}
