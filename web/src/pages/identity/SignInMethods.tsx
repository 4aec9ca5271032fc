import '../../i18n/identity';

import { Alert, Button, Divider, Stack, Text } from '@mantine/core';
import { IconFingerprint, IconLogin2 } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ApiError, call } from '../../api/client';
import type { Ceremony, Session, SignInMethods as Methods } from '../../api/types';
import { calledOff, passkeysWork, showPasskey } from '../../lib/passkeys';
import { ErrorState } from '../../ui/State';

/** Ways to sign in besides the password, where the server and this browser have them. */
export function SignInMethods({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { t } = useTranslation(['translation', 'identity']);
  const methods = useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: ({ signal }) => call<Methods>('/sign-in-methods', { signal }),
    staleTime: Infinity,
  });
  const passkey = useMutation({
    mutationFn: async () => {
      const asked = await call<Ceremony>('/session/passkey/begin', { method: 'POST' });
      const credential = await showPasskey(asked);
      return await call<Session>('/session/passkey', { method: 'POST', body: { handle: asked.handle, credential } });
    },
    onSuccess: onSignedIn,
  });
  const query = new URLSearchParams(location.search);
  const refused = query.get('sso') ?? '';
  const subject = query.get('subject');
  const canPasskey = methods.data !== undefined && passkeysWork(methods.data.passkeyHost);
  const sso = methods.data?.sso ?? '';
  return (
    <Stack gap="sm" mt="md">
      {refused !== '' && <ErrorState error={new ApiError(403, { code: refused })} />}
      {refused === 'session.sso-unlinked' && subject && (
        <Alert variant="light" p="xs">
          <Text size="sm">{t('identity:sso.tell')}</Text>
          <Text size="sm" className="la-mono la-wrap">
            {subject}
          </Text>
        </Alert>
      )}
      {passkey.isError && !calledOff(passkey.error) && <ErrorState error={passkey.error} />}
      {(sso !== '' || canPasskey) && <Divider label={t('identity:sso.or')} />}
      {canPasskey && (
        <Button
          variant="default"
          leftSection={<IconFingerprint size={17} />}
          loading={passkey.isPending}
          onClick={() => {
            passkey.mutate();
          }}
        >
          {t('identity:passkey.signIn')}
        </Button>
      )}
      {sso !== '' && (
        <Button
          component="a"
          variant="default"
          leftSection={<IconLogin2 size={17} />}
          href={`/sso/start?to=${encodeURIComponent(refused === '' ? location.pathname + location.search : location.pathname)}`}
        >
          {t('identity:sso.signIn', { name: sso })}
        </Button>
      )}
    </Stack>
  );
}
