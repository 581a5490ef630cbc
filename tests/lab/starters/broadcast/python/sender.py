en|"""Broadcast sender: sends a message to everybody, again and again.
en|
en|Run it:       python3 sender.py [ADDRESS [PORT]]
en|The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|"""Отправитель рассылки: снова и снова отправляет сообщение всем.
ru|
ru|Запуск:       python3 sender.py [АДРЕС [ПОРТ]]
ru|Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги
"""

import socket
import sys
import time

ADDRESS = "255.255.255.255"
PORT = 8888
MESSAGE = "Who is there?"
en|PAUSE = 1  # seconds: everybody in the network has to listen
ru|PAUSE = 1  # секунда: слушать приходится всей сети


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else ADDRESS
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
en|    # TODO 4: make a datagram socket and send MESSAGE to the address. What does the system say
en|    # without SO_BROADCAST?
en|    # Look up: SOCK_DGRAM, setsockopt, encode, sendto.
ru|    # TODO 4: создайте сокет датаграмм и отправьте MESSAGE по адресу. Что скажет система без
ru|    # SO_BROADCAST?
ru|    # Справка: SOCK_DGRAM, setsockopt, encode, sendto.
en|    # TODO 5: again and again, with a pause. An error (the network is down) is reported and does not
en|    # end it.
en|    # Look up: time.sleep, OSError.
ru|    # TODO 5: снова и снова, с паузой. Об ошибке (нет сети) сообщается, и она его не завершает.
ru|    # Справка: time.sleep, OSError.
en|    print(f"TODO 4: would send to {address}:{port}")
ru|    print(f"TODO 4: здесь будет отправка на {address}:{port}")


if __name__ == "__main__":
    main()
