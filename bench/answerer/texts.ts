/** What people and machines say when they answer, by voice of espeak-ng. */
export interface Texts {
  /** What a person says who answers: a word or a name. */
  human: readonly string[];
  /** How a business answers: one or two sentences, then it listens. */
  business: readonly string[];
  /** Sentences of a machine's greeting. */
  machine: readonly string[];
}

export const TEXTS: Readonly<Record<string, Texts>> = {
  'en-us': {
    human: ['Hello?', 'Kim speaking.', 'Yes?', 'Hello, this is Anna Miller.', 'Hey, what is up?'],
    business: ['Good morning, Miller and Sons, this is Anna speaking, how can I help you today?'],
    machine: [
      'Hi, you have reached the voicemail of John Carter.',
      'I cannot come to the phone right now.',
      'Please leave your name and number after the beep, and I will call you back.',
    ],
  },
  'en-gb': {
    human: ['Hello?', 'Oxford two four one five.', 'Speaking.'],
    business: ['Good afternoon, you are through to the surgery, please tell me your name.'],
    machine: [
      'Welcome to the messaging service.',
      'The person you are calling is not available.',
      'Please speak after the tone.',
    ],
  },
  de: {
    human: ['Hallo?', 'Müller.', 'Ja bitte?', 'Schmidt, guten Tag.'],
    business: ['Firma Weber und Söhne, mein Name ist Petra Lang, was kann ich für Sie tun?'],
    machine: [
      'Guten Tag, hier ist der Anrufbeantworter der Familie Schneider.',
      'Wir sind zurzeit leider nicht zu erreichen.',
      'Bitte hinterlassen Sie eine Nachricht nach dem Signalton.',
    ],
  },
  fr: {
    human: ['Allô ?', 'Oui, bonjour ?', 'Jean Dupont à l’appareil.'],
    business: ['Cabinet du docteur Martin bonjour, que puis-je faire pour vous ?'],
    machine: [
      'Bonjour, vous êtes bien sur la messagerie de Claire Moreau.',
      'Je ne peux pas vous répondre pour le moment.',
      'Laissez-moi un message après le signal sonore.',
    ],
  },
  es: {
    human: ['¿Diga?', '¿Bueno?', 'Hola, ¿quién es?'],
    business: ['Clínica Santa María, buenos días, le atiende Lucía, ¿en qué puedo ayudarle?'],
    machine: [
      'Ha llamado al buzón de voz de Carlos Ruiz.',
      'En este momento no puedo atenderle.',
      'Deje su mensaje después de la señal.',
    ],
  },
  it: {
    human: ['Pronto?', 'Sì, pronto, chi parla?'],
    business: ['Buongiorno, studio Bianchi, sono Laura, come posso aiutarla?'],
    machine: [
      'Risponde la segreteria telefonica di Marco Rossi.',
      'In questo momento non sono in casa.',
      'Lasciate un messaggio dopo il segnale acustico.',
    ],
  },
  ko: {
    human: ['여보세요?', '네, 김영희입니다.', '네?', '여보세요, 누구세요?'],
    business: ['안녕하십니까, 고객센터 상담원 박민수입니다, 무엇을 도와드릴까요?'],
    machine: [
      '고객이 전화를 받지 않아 음성사서함으로 연결됩니다.',
      '삐 소리가 난 후 메시지를 남겨 주세요.',
      '연결된 후에는 통화료가 부과됩니다.',
    ],
  },
  ja: {
    human: ['もしもし', 'はい、たなかです。'],
    business: ['おでんわありがとうございます、さくらしょうじのさとうでございます。'],
    machine: [
      'ただいまでんわにでることができません。',
      'はっしんおんのあとに、おなまえとごようけんをおはなしください。',
    ],
  },
  cmn: {
    human: ['喂？', '你好，我是王伟。'],
    business: ['您好，这里是客户服务中心，请问有什么可以帮您？'],
    machine: ['您好，我现在不能接听您的电话。', '请在提示音后留言，我会尽快给您回电话。'],
  },
  'pt-br': {
    human: ['Alô?', 'Oi, quem fala?'],
    business: ['Consultório da doutora Ana, bom dia, em que posso ajudar?'],
    machine: [
      'Sua chamada está sendo encaminhada para a caixa postal.',
      'Deixe o seu recado após o sinal.',
      'Depois desligue ou aguarde.',
    ],
  },
  ru: {
    human: ['Алло?', 'Да, слушаю вас.'],
    business: ['Добрый день, компания Восток, меня зовут Елена, чем могу помочь?'],
    machine: [
      'Здравствуйте, вы позвонили Ивану Петрову.',
      'Сейчас я не могу ответить.',
      'Оставьте сообщение после сигнала.',
    ],
  },
  nl: {
    human: ['Hallo?', 'Met Jan de Vries.'],
    business: ['Goedemorgen, met de praktijk van dokter Bakker, waarmee kan ik u helpen?'],
    machine: [
      'Dit is het antwoordapparaat van Sanne Visser.',
      'Ik kan de telefoon nu niet opnemen.',
      'Spreek een bericht in na de piep.',
    ],
  },
  pl: {
    human: ['Halo?', 'Słucham?', 'Tak, Anna Nowak.'],
    business: ['Dzień dobry, biuro obsługi klienta, w czym mogę pomóc?'],
    machine: [
      'Dodzwoniłeś się do poczty głosowej.',
      'Abonent jest w tej chwili niedostępny.',
      'Zostaw wiadomość po sygnale.',
    ],
  },
  tr: {
    human: ['Alo?', 'Efendim?', 'Buyurun, ben Ayşe.'],
    business: ['İyi günler, müşteri hizmetleri, ben Mehmet, size nasıl yardımcı olabilirim?'],
    machine: ['Aradığınız kişiye şu anda ulaşılamıyor.', 'Lütfen sinyal sesinden sonra mesajınızı bırakın.'],
  },
  hi: {
    human: ['हैलो?', 'हाँ, बोलिए।'],
    business: ['नमस्ते, ग्राहक सेवा केंद्र से रमेश बोल रहा हूँ, मैं आपकी क्या सहायता कर सकता हूँ?'],
    machine: ['आप जिस व्यक्ति को कॉल कर रहे हैं वह अभी उपलब्ध नहीं है।', 'कृपया बीप के बाद अपना संदेश छोड़ें।'],
  },
  sv: {
    human: ['Hallå?', 'Ja, det är Erik.'],
    business: ['God morgon, Andersson och Berg, du talar med Karin, vad kan jag hjälpa till med?'],
    machine: [
      'Du har kommit till Lisas telefonsvarare.',
      'Jag kan inte svara just nu.',
      'Lämna ett meddelande efter tonen.',
    ],
  },
};
