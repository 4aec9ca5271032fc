import { Button, FileInput, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  type Addressee,
  addresseesQuery,
  documentChannels,
  documentsChanged,
  dropTemplate,
  type Letterhead,
  letterheadQuery,
  saveAddressee,
  saveLetterhead,
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
  const drop = useMutation({ mutationFn: dropTemplate, onSuccess: () => documentsChanged(client) });
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Rows count={8} />;
  const manage = may('document.manage');
  return (
    <div className={css.split}>
      <Stack>
        <ul className={css.items}>
          {data.items.map((x) => (
            <li key={x.id} className={`la-card ${css.item ?? ''}`}>
              <Group justify="space-between" gap="xs">
                <Text className="la-wrap">{i18n.language === 'vi' ? x.vi : x.name}</Text>
                <Group gap={6}>
                  {x.verify && <Badge tone="medium">{t('toVerify')}</Badge>}
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
        {manage && <Upload />}
        <details>
          <summary>{t('fields')}</summary>
          <ul>
            {data.fields.map((f) => (
              <li key={f.id}>
                <code>{f.id}</code> {f.vi}
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

function Upload() {
  const { t } = useTranslation('documents');
  const client = useQueryClient();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [symbol, setSymbol] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: (chosen: File) => uploadTemplate(id, name, symbol, chosen),
    onSuccess: async (kept) => {
      if (kept.problems.length > 0) return;
      toast({ message: t('uploaded') });
      await documentsChanged(client);
    },
  });
  const problems = send.data?.problems ?? [];
  return (
    <section className={`la-card ${css.item ?? ''}`} aria-label={t('upload')}>
      <Title order={3} size="h5">
        {t('upload')}
      </Title>
      <Text size="sm" mb="xs">
        {t('uploadText')}
      </Text>
      <Form error={send.error} submit={t('upload')} busy={send.isPending} disabled={file === null || id === '' || name === ''} onSubmit={() => { if (file) send.mutate(file); }}>
        <TextInput label={t('uploadId')} maxLength={48} value={id} onChange={(e) => { setId(e.currentTarget.value); }} />
        <TextInput label={t('uploadName')} maxLength={200} value={name} onChange={(e) => { setName(e.currentTarget.value); }} />
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
